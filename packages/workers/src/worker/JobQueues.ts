import type { Job as QueuedJob } from "bullmq"
import { Effect, Either, Option, Schema, Scope } from "effect"
import type { Redis } from "ioredis"
import { randomUUID } from "node:crypto"
import { type Ask, queueName } from "../protocol/Ask.js"
import * as Mismatch from "../protocol/Mismatch.js"
import { StageBatch } from "../protocol/StageBatch.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import * as AnswerStream from "../queue/AnswerStream.js"
import { ask, gather } from "../queue/QueueClient.js"
import * as StageQueue from "../queue/StageQueue.js"

/** A job that can't be read, and where its answer goes: whoever reaches the queue may have written it. */
export interface Unreadable {
  readonly detail: string
  readonly coordinator: string
  readonly ids: ReadonlyArray<string>
}

/** A job that this worker holds. */
export interface TakenJob {
  readonly taker: StageQueue.Taker
  readonly job: QueuedJob<StageBatch, string>
  readonly id: string
  /** An answer counts only with it. */
  readonly token: string
  readonly asked: Either.Either<StageBatch, Unreadable>
}

const decodeBatch = Schema.decodeUnknownEither(StageBatch)
const decodeSender = Schema.decodeUnknownOption(StageBatch.pick("coordinator", "ids"))

const read = (data: unknown): TakenJob["asked"] =>
  Either.mapLeft(decodeBatch(data), (error) => {
    const { coordinator, ids } = Option.getOrElse(decodeSender(data), () => ({ coordinator: "", ids: [] }))
    return { detail: Mismatch.describe(error), coordinator, ids }
  })

/** The queues that a worker takes jobs from, one after the other. */
export interface JobQueues {
  readonly names: ReadonlySet<string>
  /** Takes from this queue too, from now on. */
  readonly open: (asked: Ask) => Effect.Effect<void>
  /** The next jobs of any queue, up to so many; fewer where all are empty. */
  readonly take: (most: number) => Effect.Effect<ReadonlyArray<TakenJob>, WorkerError>
  /** Says something of a job to its coordinator; whether it still was this worker's. */
  readonly say: (taken: TakenJob, text: string) => Effect.Effect<boolean, WorkerError>
  /** Ends a job whose answers were said; with `next` another of the same queue is taken in the same step. */
  readonly complete: (taken: TakenJob, next: boolean) => Effect.Effect<TakenJob | undefined, WorkerError>
}

export const make = (client: Redis, worker: string): Effect.Effect<JobQueues, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const { Job } = yield* StageQueue.bullmq
    const takers = new Map<string, StageQueue.Taker>()
    /** Whose turn it is: no queue starves another. */
    let turn = 0

    const taken = (
      taker: StageQueue.Taker,
      job: QueuedJob<StageBatch, string> | undefined,
      token: string
    ): TakenJob | undefined => (job?.id === undefined ? undefined : { taker, job, id: job.id, token, asked: read(job.data) })
    const next = (taker: StageQueue.Taker): Promise<TakenJob | undefined> => {
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
      say: ({ asked, id, taker, token }, text) =>
        Effect.suspend(() => {
          gather(client)
          const { coordinator } = Either.merge(asked)
          return AnswerStream.say(client, { lock: `${taker.toKey(id)}:lock`, token, coordinator }, text)
        }),
      complete: ({ job, taker, token }, more) =>
        Effect.map(
          ask(async () => {
            gather(client)
            const moved = await job.moveToCompleted("", token, more)
            if (!Array.isArray(moved) || !moved[0]) return undefined
            const following = Job.fromJSON<StageBatch, string>(taker, moved[0], String(moved[1]))
            following.token = token
            return following
          }),
          (job) => taken(taker, job, token)
        )
    }
  })
