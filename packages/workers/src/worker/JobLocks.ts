import type { Worker } from "bullmq"
import { Effect, Schedule, type Scope } from "effect"
import { ask } from "../queue/QueueClient.js"
import { EXTEND_MILLIS, LOCK_MILLIS } from "../queue/StageQueue.js"

/** What a worker holds: every lock is extended until it is let go. */
export interface JobLocks {
  /**
   * @param onLost the job is somebody else's now
   * @returns lets it go
   */
  readonly hold: (taker: Worker, job: string, token: string, onLost: () => void) => () => void
}

interface Held {
  readonly token: string
  readonly onLost: () => void
}

export const make: Effect.Effect<JobLocks, never, Scope.Scope> = Effect.gen(function* () {
  const held = new Map<Worker, Map<string, Held>>()
  const extend = (taker: Worker, jobs: ReadonlyMap<string, Held>) =>
    Effect.gen(function* () {
      const asked = [...jobs]
      if (asked.length === 0) return
      const tokens = asked.map(([, { token }]) => token)
      const lost = new Set(
        yield* ask(() =>
          taker.extendJobLocks(
            asked.map(([id]) => id),
            tokens,
            LOCK_MILLIS
          )
        )
      )
      // One that was answered meanwhile is let go already.
      for (const [id, job] of asked) if (lost.has(id) && jobs.get(id) === job) job.onLost()
    }).pipe(Effect.ignore)
  const extendAll = Effect.suspend(() =>
    Effect.forEach([...held], ([taker, jobs]) => extend(taker, jobs), { concurrency: "unbounded", discard: true })
  )
  yield* Effect.forkScoped(Effect.repeat(extendAll, Schedule.fixed(EXTEND_MILLIS)))
  return {
    hold: (taker, id, token, onLost) => {
      const jobs = held.get(taker) ?? new Map<string, Held>()
      const job = { token, onLost }
      held.set(taker, jobs.set(id, job))
      return () => {
        if (jobs.get(id) === job) jobs.delete(id)
      }
    }
  }
})
