/**
 * The thread that sees when the main one blocks, and breaks into it: a stage that never lets go of the process would keep it from
 * hearing Ctrl-C.
 */
import { Session } from "node:inspector"
import { workerData } from "node:worker_threads"
import { BLOCKED, type WatchdogData } from "./WatchdogMessage.js"

/** Milliseconds between two looks. */
const LOOK_EVERY = 1_000
/** Looks without a beat: time in which this thread stood still, too, as on a laptop that slept, doesn't count. */
const MISSED = 4

const { beats }: WatchdogData = workerData
let last = -1
let missed = 0

/** The debugger's way in is the only one that code which never returns can't bar. */
const breakIn = (): void => {
  const session = new Session()
  session.connectToMainThread()
  session.post("Runtime.evaluate", { expression: `globalThis[Symbol.for("${BLOCKED}")]?.()` }, () => session.disconnect())
}

setInterval(() => {
  const now = Atomics.load(beats, 0)
  missed = now === last ? missed + 1 : 0
  last = now
  if (missed === MISSED) breakIn()
}, LOOK_EVERY)
