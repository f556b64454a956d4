import type { Worker } from "bullmq"
import { Deferred, Effect, Schedule, type Scope } from "effect"
import { ask } from "../queue/QueueClient.js"
import { EXTEND_MILLIS, LOCK_MILLIS } from "../queue/StageQueue.js"

/** What a worker holds: every lock is extended until its scope closes. */
export interface JobLocks {
  /** While the scope is open. The effect ends when the lock was lost: the job is somebody else's now. */
  readonly hold: (taker: Worker, job: string, token: string) => Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
}

interface Held {
  readonly token: string
  readonly lost: Deferred.Deferred<void>
}

export const make: Effect.Effect<JobLocks, never, Scope.Scope> = Effect.gen(function* () {
  const held = new Map<Worker, Map<string, Held>>()
  const extend = (taker: Worker, jobs: ReadonlyMap<string, Held>) =>
    Effect.gen(function* () {
      const ids = [...jobs.keys()]
      if (ids.length === 0) return
      const tokens = [...jobs.values()].map(({ token }) => token)
      const lost = yield* ask(() => taker.extendJobLocks(ids, tokens, LOCK_MILLIS))
      for (const id of lost) {
        const job = jobs.get(id)
        if (job !== undefined) yield* Deferred.succeed(job.lost, undefined)
      }
    }).pipe(Effect.ignore)
  const extendAll = Effect.suspend(() =>
    Effect.forEach([...held], ([taker, jobs]) => extend(taker, jobs), { concurrency: "unbounded", discard: true })
  )
  yield* Effect.forkScoped(Effect.repeat(extendAll, Schedule.fixed(EXTEND_MILLIS)))
  return {
    hold: (taker, job, token) =>
      Effect.acquireRelease(
        Effect.map(Deferred.make<void>(), (lost) => {
          const jobs = held.get(taker) ?? new Map<string, Held>()
          held.set(taker, jobs.set(job, { token, lost }))
          return Deferred.await(lost)
        }),
        () => Effect.sync(() => void held.get(taker)?.delete(job))
      )
  }
})
