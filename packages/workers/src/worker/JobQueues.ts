import type { Job as QueuedJob, Worker } from "bullmq"
import { Effect, Either, Schema, Scope } from "effect"
import type { Redis } from "ioredis"
import { randomUUID } from "node:crypto"
import { type Ask, queueName } from "../protocol/Ask.js"
import * as Mismatch from "../protocol/Mismatch.js"
import { StageJob } from "../protocol/StageJob.js"
import type { StageReply } from "../protocol/StageReply.js"
import { ask, gather } from "../queue/QueueClient.js"
import * as StageQueue from "../queue/StageQueue.js"
import type { WorkerError } from "../protocol/WorkerError.js"

export type Taker = Worker<StageJob, StageReply>

/** A job that this worker holds. */
export interface TakenJob {
  readonly taker: Taker
  readonly job: QueuedJob<StageJob, StageReply>
  readonly id: string
  /** An answer counts only with it. */
  readonly token: string
  /** What is asked, or what is wrong with it: whoever reaches the queue may have written it. */
  readonly asked: Either.Either<StageJob, string>
}

const decodeJob = Schema.decodeUnknownEither(StageJob)

/** The queues that a worker takes jobs from, one after the other. */
export interface JobQueues {
  readonly names: ReadonlySet<string>
  /** Takes from this queue too, from now on. */
  readonly open: (asked: Ask) => Effect.Effect<void>
  /** The next jobs of any queue, up to so many; fewer where all are empty. */
  readonly take: (most: number) => Effect.Effect<ReadonlyArray<TakenJob>, WorkerError>
  /** Gives the answer; with `next` a job of the same queue is taken in the same step. */
  readonly complete: (taken: TakenJob, reply: StageReply, next: boolean) => Effect.Effect<TakenJob | undefined, WorkerError>
}

export const make = (client: Redis, worker: string): Effect.Effect<JobQueues, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const { Job } = yield* StageQueue.bullmq
    const takers = new Map<string, Taker>()
    /** Whose turn it is: no queue starves another. */
    let turn = 0

    const taken = (taker: Taker, job: QueuedJob<StageJob, StageReply> | undefined, token: string): TakenJob | undefined =>
      job?.id === undefined
        ? undefined
        : { taker, job, id: job.id, token, asked: Either.mapLeft(decodeJob(job.data), Mismatch.describe) }
    const next = (taker: Taker): Promise<TakenJob | undefined> => {
      const token = randomUUID()
      return taker.getNextJob(token, { block: false }).then((job) => taken(taker, job, token))
    }
    return {
      get names() {
        return new Set(takers.keys())
      },
      open: (asked) =>
        Effect.gen(function* () {
          const name = queueName(asked)
          if (takers.has(name)) return
          takers.set(name, yield* Scope.extend(StageQueue.consumer(name, client, worker), scope))
        }),
      take: (most) =>
        Effect.gen(function* () {
          const all = [...takers.values()]
          const found: Array<TakenJob> = []
          for (let i = 0; i < all.length && found.length < most; i++) {
            const taker = all[turn++ % all.length]
            if (taker === undefined) continue
            gather(client)
            const asked = Array.from({ length: most - found.length }, () => next(taker))
            for (const job of yield* ask(() => Promise.all(asked))) if (job !== undefined) found.push(job)
          }
          return found
        }),
      complete: ({ job, taker, token }, reply, more) =>
        Effect.map(
          ask(async () => {
            gather(client)
            const moved = await job.moveToCompleted(reply, token, more)
            if (!Array.isArray(moved) || !moved[0]) return undefined
            const following = Job.fromJSON<StageJob, StageReply>(taker, moved[0], String(moved[1]))
            following.token = token
            return following
          }),
          (job) => taken(taker, job, token)
        )
    }
  })
