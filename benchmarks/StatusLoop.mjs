// Asks how the runs of a state folder stand, every second, as `spool top` does, until it is ended.
import { Effect, Schedule } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const core = (module) => import(pathToFileURL(fileURLToPath(new URL(`../packages/core/dist/${module}.js`, import.meta.url))).href)
const Store = await core("store/Store")
const RunStatus = await core("store/RunStatus")

const [state] = process.argv.slice(2)
const there = Effect.suspend(() => (existsSync(join(state, "spool.db")) ? Effect.void : Effect.fail("not yet")))
const ask = Effect.suspend(() =>
  Effect.repeat(RunStatus.now(), Schedule.spaced("1 second")).pipe(Effect.provide(Store.layerReading(state)))
)
// The tables are there a moment after the file is.
await Effect.runPromise(
  Effect.retry(there, Schedule.spaced("100 millis")).pipe(Effect.zipRight(Effect.sleep("500 millis")), Effect.zipRight(ask))
)
