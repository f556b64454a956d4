import { Effect, Either, type Scope } from "effect"
import type { FileSource } from "../files/FileTransfer.js"
import type { StageBatch } from "../protocol/StageBatch.js"
import type { StageReply } from "../protocol/StageReply.js"
import { WorkerError } from "../protocol/WorkerError.js"
import type { Ended, Start } from "./ExecutorProcess.js"
import * as ExecutorSupervisor from "./ExecutorSupervisor.js"
import type { BatchPart, Offer } from "./ExecutorMessage.js"
import type { TakenJob } from "./JobQueues.js"
import { answerAll, refusal } from "./Refusal.js"

/** Runs batches in processes that may die under them. */
export interface JobAnswers {
  readonly offer: Offer
  /** Answers every attempt of a batch, a part at a time. Fails when no process that runs stages comes up any more. */
  readonly of: (taken: TakenJob, heard: (part: BatchPart) => void) => Effect.Effect<void, WorkerError>
  /** Nobody waits for this attempt any more. */
  readonly cancel: (batch: string, attempt: string) => void
  /** Where a coordinator's files are: in one of these. */
  readonly know: (coordinator: string, sources: ReadonlyArray<FileSource>) => Effect.Effect<void>
}

/** So many processes may end under an attempt. */
const LIVES = 2
/** One that so many whole machines were lost with runs alone. */
const MACHINES = 2
/** And one that more were lost with is given up. */
const MOST_MACHINES = 3

const lost = (on: ReadonlyArray<string>): StageReply =>
  refusal(new WorkerError({ code: "WorkerLost", detail: `the process that ran it ended, on ${on.join(" and on ")}` }))

/**
 * Attempts share a process, as the media engine merges what they ask for. One that a process ended under may be the reason: it comes
 * again alone, runs in a process of its own, and a second end is its own doing. The others go on.
 *
 * @param name of the worker
 */
export const make = (name: string, start: Start, slots: number): Effect.Effect<JobAnswers, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    const shared = yield* ExecutorSupervisor.make(start, slots)
    const own = yield* ExecutorSupervisor.make(start, 1)
    const alone = yield* Effect.makeSemaphore(1)
    const known = new Map<string, ReadonlyArray<FileSource>>()
    const { offer } = yield* shared.process

    /** Without running it: what is known of the batch says it already. */
    const atOnce = ({ job }: TakenJob, { ids, lostOn, machinesLost }: StageBatch): StageReply | undefined => {
      if (job.deferredFailure !== undefined || machinesLost + job.stalledCounter > MOST_MACHINES)
        return lost([...lostOn, "machines that went away"])
      // Some of it may be answered already, and one of it may be the reason: the coordinator offers the rest again, one by one.
      return job.stalledCounter > 0 && ids.length > 1 ? { _tag: "Undone", why: "machine", on: name } : undefined
    }
    const afterEnd = ({ lostOn }: StageBatch, { how }: Ended): StageReply => {
      const on = `${name} (${how})`
      return lostOn.length + 1 >= LIVES ? lost([...lostOn, on]) : { _tag: "Undone", why: "process", on }
    }
    const perform = (taken: TakenJob, batch: StageBatch, heard: (part: BatchPart) => void) =>
      Effect.suspend(() => {
        const { id, job } = taken
        const isSuspect = batch.lostOn.length > 0 || batch.machinesLost + job.stalledCounter >= MACHINES
        const left = new Set(batch.ids)
        const command = { _tag: "Run", id, batch, sources: known.get(batch.coordinator) ?? [] } as const
        const work = (isSuspect ? own : shared).run(command, (part) => {
          for (const { id } of part.ended) left.delete(id)
          heard(part)
        })
        return Effect.catchTag(isSuspect ? alone.withPermits(1)(work) : work, "ExecutorEnded", (ended) =>
          Effect.sync(() => heard(answerAll(id, left, afterEnd(batch, ended))))
        )
      })
    return {
      offer,
      know: (coordinator, sources) => {
        known.set(coordinator, sources)
        return Effect.zipRight(shared.know(coordinator, sources), own.know(coordinator, sources))
      },
      cancel: (batch, attempt) => {
        shared.cancel(batch, attempt)
        own.cancel(batch, attempt)
      },
      of: (taken, heard) =>
        Effect.suspend(() => {
          const { asked, id } = taken
          if (Either.isLeft(asked)) {
            const { detail, ids } = asked.left
            const refused = refusal(new WorkerError({ code: "JobRefused", detail: `the job can't be read: ${detail}` }))
            return Effect.sync(() => heard(answerAll(id, ids, refused)))
          }
          const reply = atOnce(taken, asked.right)
          return reply === undefined
            ? perform(taken, asked.right, heard)
            : Effect.sync(() => heard(answerAll(id, asked.right.ids, reply)))
        })
    }
  })
