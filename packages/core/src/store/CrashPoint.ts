/**
 * For the kill harness: with `MEDIASPOOL_CRASH_AT=N` the process ends by SIGKILL just before its N-th durable operation
 * (a commit, a rename, a fsync, a paid request), with `MEDIASPOOL_CRASH_COUNT=FILE` their number is in the file at exit.
 * Without the variables it costs one comparison.
 */
import { writeFileSync } from "node:fs"

const at = Number(process.env["MEDIASPOOL_CRASH_AT"] ?? 0)
const countFile = process.env["MEDIASPOOL_CRASH_COUNT"]
const active = at > 0 || countFile !== undefined

/** Shared with the writer's thread, so that both count together. */
export let counter = new Int32Array(new SharedArrayBuffer(4))

/** Called by another thread with the first one's counter. */
export const join = (shared: Int32Array<SharedArrayBuffer>): void => {
  counter = shared
}

if (countFile !== undefined) process.on("exit", () => writeFileSync(countFile, String(Atomics.load(counter, 0))))

/** Stands before a durable operation. */
export const crashPoint = (_operation: string): void => {
  if (active && Atomics.add(counter, 0, 1) + 1 === at) process.kill(process.pid, "SIGKILL")
}
