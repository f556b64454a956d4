import { Clock, Effect, Schedule, type Scope } from "effect"
import { WorkerError } from "../protocol/WorkerError.js"
import type * as Roster from "../queue/Roster.js"
import type { Dispatcher } from "./Dispatcher.js"

/** Between two looks at who waits. */
const LOOK = "1 second"
/** Workers that are there and don't fit get so long to be joined by one that does, in milliseconds. */
const PATIENCE_MILLIS = 10_000

const noWorkerFits = (workers: ReadonlyArray<Roster.WorkerRecord>): WorkerError => {
  const reasons = workers.flatMap(({ host, refuses }) => refuses.map(({ reason }) => `${host}: ${reason}`))
  return new WorkerError({
    code: "NoWorkerFits",
    detail: [...new Set(reasons)].join("; ") || "no worker takes this stage"
  })
}

/**
 * Refuses what waits while workers are there, and none of them takes it.
 *
 * @param workers those that take jobs: one that ends may be followed by one that fits
 */
export const watch = (
  workers: () => ReadonlyArray<Roster.WorkerRecord>,
  dispatcher: Dispatcher
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const since = new Map<string, number>()
    const look = Effect.map(Clock.currentTimeMillis, (now) => {
      const there = workers()
      const stranded = new Set(there.length === 0 ? [] : dispatcher.stranded().map(({ queue }) => queue))
      for (const queue of since.keys()) if (!stranded.has(queue)) since.delete(queue)
      for (const queue of stranded) {
        const first = since.get(queue) ?? now
        since.set(queue, first)
        if (now - first >= PATIENCE_MILLIS) dispatcher.refuse(queue, noWorkerFits(there))
      }
    })
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(LOOK)))
  })
