import { Array, Effect, Either, Option, Schedule, Schema, Scope } from "effect"
import type { Redis } from "ioredis"
import { AnswerPart } from "../protocol/AnswerPart.js"
import { type Ask, queueName } from "../protocol/Ask.js"
import { JobProgress } from "../protocol/JobProgress.js"
import * as Mismatch from "../protocol/Mismatch.js"
import { StageReply } from "../protocol/StageReply.js"
import { WorkerError } from "../protocol/WorkerError.js"
import * as AnswerStream from "../queue/AnswerStream.js"
import { ask, briefly } from "../queue/QueueClient.js"
import * as StageQueue from "../queue/StageQueue.js"
import * as Wakeup from "../queue/Wakeup.js"
import { AnswerBook } from "./AnswerBook.js"
import * as BatchPlan from "./BatchPlan.js"
import * as BatchSender from "./BatchSender.js"
import { Pace } from "./Pace.js"
import { isSuspect, type Out, type SentBatch } from "./SentBatch.js"
import type { SentJob, Settled } from "./SentJob.js"
import { TurnQueue } from "./TurnQueue.js"

/** The coordinator's side of all queues: what is sent, and what comes back. */
export interface JobLink {
  /** What is out and no worker has begun, as far as it is known. */
  readonly waiting: () => ReadonlyArray<SentJob>
  /** The queue of a kind of jobs. */
  readonly open: (asked: Ask) => Effect.Effect<string>
  /** How many attempts of this queue travel together. */
  readonly together: (queue: string) => number
  readonly send: (job: SentJob) => void
  /** The answer was taken, or nobody waits for it any more. */
  readonly forget: (job: SentJob) => void
  /** Takes the job's batch back where no worker has begun it: all that is in it, or nothing where that came too late. */
  readonly recall: (job: SentJob) => Effect.Effect<ReadonlyArray<SentJob>, WorkerError>
  /** Offers again what was taken back. */
  readonly resend: (job: SentJob) => void
  /** Nobody waits for it any more: it is taken out of the queue, or stopped. */
  readonly cancel: (job: SentJob) => Effect.Effect<void>
}

/** Between two looks for answers that were taken: their messages go from the server together. */
const REMOVE_EVERY = "250 millis"
/** Batches that are out this long are looked at: the queue may have been emptied. */
const DOUBT_MILLIS = 3_000

/** A queue. */
interface Line {
  readonly queue: StageQueue.Producer
  readonly pace: Pace
  readonly sender: BatchSender.BatchSender
}

const decodePart = Schema.decodeEither(AnswerPart)
const decodeReply = Schema.decodeUnknownEither(StageReply)
const isProgress = Schema.is(JobProgress)

const refused = (detail: string) => new WorkerError({ code: "JobRefused", detail })

/**
 * @param coordinator its id: answers are for it
 * @param crew who is there to work
 */
export const make = (
  client: Redis,
  coordinator: string,
  crew: () => BatchSender.Crew
): Effect.Effect<JobLink, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const sent = new Map<string, Out>()
    const batches = new Map<string, SentBatch>()
    const lines = new Map<string, Line>()
    const book = new AnswerBook()
    const answers = new TurnQueue()

    const leave = (out: Out): void => {
      const { batch } = out
      out.batch = undefined
      if (batch !== undefined && batch.jobs.delete(out) && batch.jobs.size === 0) batches.delete(batch.id)
    }
    const offer = (out: Out): void => {
      leave(out)
      out.isActive = false
      lines.get(out.job.queue)?.sender.offer(out)
    }
    const settle = (out: Out, settled: Settled): void => {
      leave(out)
      answers.add(() => out.job.settle(settled))
    }

    /** Nothing came of it: it is offered again, alone where something ended under it. */
    const undone = (out: Out, { on, why }: Extract<StageReply, { readonly _tag: "Undone" }>): void => {
      if (why === "process") out.lostOn = [...out.lostOn, on]
      else if (why === "machine") out.machinesLost++
      else lines.get(out.job.queue)?.pace.slow()
      offer(out)
    }
    const take = (out: Out, reply: StageReply, message: string): void => {
      if (reply._tag === "Undone") {
        book.take(message)
        return undone(out, reply)
      }
      out.message = message
      settle(out, { _tag: "Replied", reply })
    }
    const answered = (part: AnswerPart, [id, value]: readonly [string, unknown], message: string): void => {
      const out = sent.get(id)
      const decoded = decodeReply(value)
      const reply: StageReply | undefined = Either.getOrUndefined(decoded)
      if (out === undefined) return reply === undefined ? book.take(message) : book.keep(id, { reply, message })
      // The second answer of one that is settled already, or of a batch that it is no more in and came to nothing there.
      if (out.message !== undefined || (reply?._tag === "Undone" && out.batch?.id !== part.batch)) return book.take(message)
      if (reply !== undefined) return take(out, reply, message)
      out.message = message
      const detail = Either.isLeft(decoded) ? Mismatch.describe(decoded.left) : ""
      settle(out, { _tag: "Failed", failure: refused(`a worker's answer can't be read: ${detail}`) })
    }
    const heard = ({ id: message, text }: AnswerStream.Message): void => {
      if (book.isOpen(message)) return
      const decoded = decodePart(text)
      if (Either.isLeft(decoded)) return book.open(message, 0)
      const part = decoded.right
      for (const id of part.began) {
        const out = sent.get(id)
        if (out?.batch?.id !== part.batch) continue
        out.isActive = true
        out.job.started()
      }
      for (const [id, progress] of part.progress) if (isProgress(progress)) sent.get(id)?.job.progressed(progress)
      book.open(message, part.answers.length)
      const queue = batches.get(part.batch)?.queue
      if (queue !== undefined && part.took !== undefined) lines.get(queue)?.pace.took(part.took)
      for (const answer of part.answers) answered(part, answer, message)
    }

    /** What became of a batch of which nothing was heard. */
    const look = (batch: SentBatch): Effect.Effect<void, WorkerError> =>
      Effect.gen(function* () {
        const queue = lines.get(batch.queue)?.queue
        if (queue === undefined) return
        const found = yield* ask(() => queue.getJob(batch.id))
        if (batches.get(batch.id) !== batch) return
        if (found?.failedReason) {
          const failure = new WorkerError({ code: "WorkerLost", detail: found.failedReason })
          for (const out of [...batch.jobs]) settle(out, { _tag: "Failed", failure })
        } else if (found !== undefined && found !== null) batch.isMissing = false
        // The queue was emptied: what was sent is sent again.
        else if (batch.isMissing) [...batch.jobs].forEach(offer)
        else batch.isMissing = true
      })
    const lookAll = Effect.suspend(() => {
      const doubtful = Date.now() - DOUBT_MILLIS
      return Effect.forEach(
        [...batches.values()].filter(({ sentAt }) => sentAt < doubtful),
        look,
        { concurrency: 16, discard: true }
      )
    })

    /** What no worker has begun is nobody's after the end: a worker would wait for files that nobody offers any more. */
    const removeWaiting = (name: string, queue: StageQueue.Producer) =>
      Effect.suspend(() => {
        const waiting = [...batches.values()].filter(
          (batch) => batch.queue === name && ![...batch.jobs].some(({ isActive }) => isActive)
        )
        const all = Effect.forEach(waiting, ({ id }) => Effect.ignore(ask(() => queue.remove(id))), {
          concurrency: 16,
          discard: true
        })
        return briefly(all, "2 seconds")
      })

    const removeTaken = Effect.suspend(() => AnswerStream.remove(client, coordinator, book.removable()))
    // What was taken must not be found again by the next start.
    yield* Effect.addFinalizer(() => briefly(removeTaken, "2 seconds"))
    yield* AnswerStream.listen(client, coordinator, (messages) => messages.forEach(heard))
    yield* Effect.forkScoped(Effect.repeat(removeTaken, Schedule.spaced(REMOVE_EVERY)))
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(lookAll), Schedule.spaced("2 seconds")))

    /** It may be what ended a worker: this process must not be the next. */
    const recall = (job: SentJob): Effect.Effect<ReadonlyArray<SentJob>, WorkerError> =>
      Effect.gen(function* () {
        const batch = sent.get(job.id)?.batch
        const queue = batch === undefined ? undefined : lines.get(batch.queue)?.queue
        if (batch === undefined || queue === undefined || [...batch.jobs].some(isSuspect)) return []
        const found = yield* ask(() => queue.getJob(batch.id))
        if (found === undefined || found === null || found.stalledCounter > 0) return []
        if ((yield* ask(() => queue.remove(batch.id))) !== 1) return []
        const outs = [...batch.jobs]
        outs.forEach(leave)
        return outs.map(({ job }) => job)
      })
    return {
      waiting: () =>
        Array.filterMap(sent.values(), ({ batch, isActive, job }) =>
          isActive || batch === undefined ? Option.none() : Option.some(job)
        ),
      together: (queue) => lines.get(queue)?.pace.most ?? 1,
      open: (asked) =>
        Effect.gen(function* () {
          const name = queueName(asked)
          if (lines.has(name)) return name
          const [queue, pace] = [yield* Scope.extend(StageQueue.producer(name, client), scope), new Pace()]
          yield* Scope.addFinalizer(scope, removeWaiting(name, queue))
          const sender = BatchSender.make({
            name,
            queue,
            most: () => (asked.engine ? BatchPlan.MOST_MERGED : pace.most),
            crew,
            out: () => [...batches.values()].filter((batch) => batch.queue === name).length,
            isWanted: (out) => out.batch === undefined && sent.get(out.job.id) === out && out.message === undefined,
            sent: (batch) => batches.set(batch.id, batch),
            left: Wakeup.jobs(client)
          })
          lines.set(name, { queue, pace, sender: yield* Scope.extend(sender, scope) })
          return name
        }),
      send: (job) => {
        const out: Out = { job, batch: undefined, isActive: false, times: 0, lostOn: [], machinesLost: 0, message: undefined }
        sent.set(job.id, out)
        const early = book.claim(job.id)
        // A failure of an earlier life: it may be another one's turn now, and trying is what was asked for.
        if (early === undefined) offer(out)
        else if (early.reply._tag === "Done" || early.reply._tag === "Undone") take(out, early.reply, early.message)
        else {
          book.take(early.message)
          offer(out)
        }
      },
      forget: (job) => {
        const out = sent.get(job.id)
        if (out?.job !== job) return
        sent.delete(job.id)
        leave(out)
        if (out.message !== undefined) book.take(out.message)
      },
      recall,
      resend: (job) => {
        const out = sent.get(job.id)
        if (out !== undefined) offer(out)
      },
      cancel: (job) =>
        Effect.gen(function* () {
          const out = sent.get(job.id)
          if (out?.job !== job) return
          const { batch } = out
          sent.delete(job.id)
          leave(out)
          if (out.message !== undefined) book.take(out.message)
          if (batch === undefined) return
          const queue = lines.get(batch.queue)?.queue
          const isGone = batch.jobs.size === 0 && queue !== undefined && (yield* ask(() => queue.remove(batch.id))) === 1
          if (!isGone) yield* Wakeup.cancel(client, job.id)
        }).pipe(Effect.ignore)
    }
  })
