// A clock that is off for a process and its threads.
import { pathToFileURL } from "node:url"

const clock = pathToFileURL(new URL("./Clock.mjs", import.meta.url).pathname).href

/** Milliseconds. */
export const YEAR = 365 * 24 * 3_600_000

/** An environment: what the clock is off by, from so many milliseconds after the start of the process on. */
export const jumps = (...list) => ({ NODE_OPTIONS: `--import=${clock}`, CHECK_CLOCK: JSON.stringify(list) })

/** To and fro by a year, every half second of a minute. */
export const restless = Array.from({ length: 60 }, (_, i) => [500 * i, [YEAR, -YEAR, 0][i % 3]])
