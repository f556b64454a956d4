import type { Queue, QueueEvents } from "bullmq"
import { Array, Effect, Either, FiberSet, Queue as EffectQueue, Schedule, Schema, Scope } from "effect"
import type { Redis } from "ioredis"
import { type Ask, queueName } from "../protocol/Ask.js"
import * as Mismatch from "../protocol/Mismatch.js"
import { JobProgress } from "../protocol/JobProgress.js"
import type { StageJob } from "../protocol/StageJob.js"
import { StageReply } from "../protocol/StageReply.js"
import { ask, briefly } from "../queue/QueueClient.js"
import * as StageQueue from "../queue/StageQueue.js"
import * as Wakeup from "../queue/Wakeup.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { TurnQueue } from "./TurnQueue.js"

/** A job that is out. */
export interface SentJob {
  readonly id: string
  readonly queue: string
  readonly data: StageJob
  readonly sentAt: number
  /** A worker has it. */
  isActive: boolean
  /** It came back from a worker. */
  hasReturned: boolean
  /** A worker began it. */
  readonly started: () => void
  readonly settle: (settled: Settled) => void
  readonly progressed: (progress: JobProgress) => void
}

/** How it ended. */
export type Settled =
  | { readonly _tag: "Replied"; readonly reply: StageReply }
  | { readonly _tag: "Failed"; readonly failure: WorkerError }
  /** Taken back: it runs here. */
  | { readonly _tag: "Recalled" }

/** The coordinator's side of all queues: what is sent, and what comes back. */
export interface JobLink {
  readonly sent: ReadonlyMap<string, SentJob>
  /** The queue of a kind of jobs. */
  readonly open: (asked: Ask) => Effect.Effect<string>
  readonly send: (job: SentJob) => void
  /** The answer was taken, or nobody waits for it any more. */
  readonly forget: (job: SentJob) => void
  /** Takes a job back that no worker has begun; whether that was in time. */
  readonly recall: (job: SentJob) => Effect.Effect<boolean, WorkerError>
  /** Nobody waits for it any more: it is taken out of the queue, or stopped. */
  readonly cancel: (job: SentJob) => Effect.Effect<void>
}

/** Jobs that are added with one command. */
const BULK = 200
/** What begins together travels together. */
const MOMENT = "10 millis"
/** Between two looks for answers that were taken: their jobs go from the server together. */
const REMOVE_EVERY = "250 millis"
/** Jobs that are out this long are looked at: an event may have been missed, or the queue emptied. */
const DOUBT_MILLIS = 3_000

const decodeReply = Schema.decodeUnknownEither(StageReply)

const settledBy = (value: unknown): Settled => {
  const reply = decodeReply(value)
  return Either.isRight(reply)
    ? { _tag: "Replied", reply: reply.right }
    : {
        _tag: "Failed",
        failure: new WorkerError({
          code: "JobRefused",
          detail: `a worker's answer can't be read: ${Mismatch.describe(reply.left)}`
        })
      }
}

export const make = (client: Redis): Effect.Effect<JobLink, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const fork = yield* FiberSet.makeRuntime<never>()
    const sent = new Map<string, SentJob>()
    const queues = new Map<string, Queue<StageJob, StageReply>>()
    const outgoing = yield* EffectQueue.unbounded<SentJob>()
    /** Their answers were taken. */
    const done: Array<SentJob> = []
    const answers = new TurnQueue()

    const listen = (events: QueueEvents): void => {
      const at = (id: string, then: (job: SentJob) => void) => {
        const job = sent.get(id)
        if (job !== undefined) then(job)
      }
      const returned = ({ jobId }: { readonly jobId: string }) =>
        at(jobId, (job) => {
          job.isActive = false
          job.hasReturned = true
        })
      events
        .on("active", ({ jobId }) =>
          at(jobId, (job) => {
            job.isActive = true
            job.started()
          })
        )
        .on("waiting", (event) => (event.prev === "active" ? returned(event) : undefined))
        .on("stalled", returned)
        .on("progress", ({ data, jobId }) =>
          at(jobId, ({ progressed }) => {
            if (isProgress(data)) progressed(data)
          })
        )
        .on("completed", ({ jobId, returnvalue }) => at(jobId, ({ settle }) => answers.add(() => settle(settledBy(returnvalue)))))
        .on("duplicated", ({ jobId }) => at(jobId, (job) => fork(Effect.ignore(look(job)))))
    }

    /** What became of a job of which nothing was heard. */
    const look = (job: SentJob): Effect.Effect<void, WorkerError> =>
      Effect.gen(function* () {
        const queue = queues.get(job.queue)
        if (queue === undefined) return
        const found = yield* ask(() => queue.getJob(job.id))
        if (!sent.has(job.id)) return
        // The queue was emptied: what was sent is sent again.
        if (found === undefined || found === null) return send(job)
        if (found.finishedOn === undefined) return
        // A failure of an earlier life: it may be another one's turn now, and trying is what was asked for.
        if (found.finishedOn < job.sentAt && !isDone(found.returnvalue)) {
          yield* ask(() => queue.remove(job.id))
          return send(job)
        }
        if (found.failedReason)
          return job.settle({ _tag: "Failed", failure: new WorkerError({ code: "WorkerLost", detail: found.failedReason }) })
        job.settle(settledBy(found.returnvalue))
      })
    const lookAll = Effect.suspend(() => {
      const doubtful = Date.now() - DOUBT_MILLIS
      return Effect.forEach(
        [...sent.values()].filter(({ sentAt }) => sentAt < doubtful),
        look,
        { concurrency: 16, discard: true }
      )
    })

    const send = (job: SentJob): void => void outgoing.unsafeOffer(job)
    const sending = Effect.gen(function* () {
      const first = yield* EffectQueue.take(outgoing)
      yield* Effect.sleep(MOMENT)
      const batch = [first, ...(yield* EffectQueue.takeUpTo(outgoing, BULK - 1))]
      yield* Effect.forEach(byQueue(batch), ([name, jobs]) => {
        const queue = queues.get(name)
        if (queue === undefined) return Effect.void
        const there = jobs.filter(({ id }) => sent.has(id))
        const add = () => queue.addBulk(there.map(({ data, id }) => ({ name: data.stage, data, opts: { jobId: id } })))
        return Effect.retry(ask(add), Schedule.spaced("1 second"))
      })
      yield* Wakeup.jobs(client)
    })
    const remove = (batch: Iterable<SentJob>) =>
      Effect.forEach(
        byQueue(batch),
        ([name, jobs]) => {
          const queue = queues.get(name)
          const ids = jobs.map(({ id }) => id)
          return queue === undefined ? Effect.void : Effect.ignore(StageQueue.removeFinished(client, queue, ids))
        },
        { discard: true }
      )
    const removeDone = Effect.suspend(() => remove(done.splice(0)))
    // What was taken must not be found again by the next start.
    yield* Effect.addFinalizer(() => briefly(removeDone, "2 seconds"))
    yield* Effect.forkScoped(Effect.forever(sending))
    yield* Effect.forkScoped(Effect.repeat(removeDone, Schedule.spaced(REMOVE_EVERY)))
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(lookAll), Schedule.spaced("2 seconds")))

    const forget = (job: SentJob): void => {
      sent.delete(job.id)
      done.push(job)
    }
    const recall = (job: SentJob): Effect.Effect<boolean, WorkerError> =>
      Effect.gen(function* () {
        const queue = queues.get(job.queue)
        if (queue === undefined) return false
        if (job.hasReturned) {
          const found = yield* ask(() => queue.getJob(job.id))
          // It may be what ended the worker: this process must not be the next.
          if (found === undefined || found.data.lostOn.length > 0 || found.stalledCounter > 1) return false
        }
        return (yield* ask(() => queue.remove(job.id))) === 1
      })
    return {
      sent,
      open: (asked) =>
        Effect.gen(function* () {
          const name = queueName(asked)
          if (queues.has(name)) return name
          queues.set(name, yield* Scope.extend(StageQueue.producer(name, client), scope))
          listen(yield* Scope.extend(StageQueue.events(name, client), scope))
          return name
        }),
      send: (job) => {
        sent.set(job.id, job)
        send(job)
      },
      forget,
      recall,
      cancel: (job) =>
        Effect.gen(function* () {
          sent.delete(job.id)
          const queue = queues.get(job.queue)
          const removed = queue === undefined ? 1 : yield* ask(() => queue.remove(job.id))
          if (removed !== 1) yield* Wakeup.cancel(client, job.id)
        }).pipe(Effect.ignore)
    }
  })

const byQueue = (jobs: Iterable<SentJob>) => Object.entries(Array.groupBy(jobs, ({ queue }) => queue))

const isDone = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === "Done"

const isProgress = Schema.is(JobProgress)
