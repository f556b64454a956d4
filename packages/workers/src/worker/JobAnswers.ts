import { Effect, Either, type Scope } from "effect"
import type { FileSource } from "../files/FileTransfer.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import type { StageJob } from "../protocol/StageJob.js"
import type { StageReply } from "../protocol/StageReply.js"
import { ask } from "../queue/QueueClient.js"
import { WorkerError } from "../protocol/WorkerError.js"
import type { Ended, Start } from "./ExecutorProcess.js"
import * as ExecutorSupervisor from "./ExecutorSupervisor.js"
import type { Offer } from "./ExecutorMessage.js"
import type { TakenJob } from "./JobQueues.js"

/** What comes of a job: an answer, or the job itself, given back for another try. */
export type Answer =
  { readonly _tag: "Answered"; readonly reply: StageReply } | { readonly _tag: "GivenBack"; readonly detail: string }

/** Runs jobs in processes that may die under them. */
export interface JobAnswers {
  readonly offer: Offer
  /** Fails when no process that runs stages comes up any more. */
  readonly of: (taken: TakenJob) => Effect.Effect<Answer, WorkerError>
  /** Where a coordinator's files are: in one of these. */
  readonly know: (coordinator: string, sources: ReadonlyArray<FileSource>) => Effect.Effect<void>
}

/** So many processes may end under a job. */
const LIVES = 2
/** A job that so many whole machines were lost with runs alone. */
const MACHINES = 2

/** A failure of this machine as a job's answer. */
export const refusal = (worker: string, { _tag, code, help, message, retry }: WorkerError): StageReply => ({
  _tag: "Failed",
  worker,
  failure: { _tag, code, retry, message, help }
})

/**
 * Jobs share a process, as the media engine merges what they ask for. One that a process ended under may be the reason: it runs alone,
 * in a process of its own, and a second end is its own doing. The others go on.
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

    const lost = (on: ReadonlyArray<string>): Answer => ({
      _tag: "Answered",
      reply: refusal(
        name,
        new WorkerError({ code: "WorkerLost", detail: `the process that ran it ended, on ${on.join(" and on ")}` })
      )
    })
    const giveBack = ({ job, token }: TakenJob, data: StageJob, { how }: Ended) => {
      const lostOn = [...data.lostOn, `${name} (${how})`]
      return lostOn.length >= LIVES
        ? Effect.succeed(lost(lostOn))
        : ask(() => job.updateData({ ...data, lostOn }).then(() => job.moveToWait(token))).pipe(
            Effect.as<Answer>({ _tag: "GivenBack", detail: `the process that ran it ended (${how})` })
          )
    }
    return {
      offer,
      know: (coordinator, sources) => {
        known.set(coordinator, sources)
        return Effect.zipRight(shared.know(coordinator, sources), own.know(coordinator, sources))
      },
      of: (taken) =>
        Effect.suspend(() => {
          const { asked, id, job } = taken
          if (Either.isLeft(asked)) {
            const detail = `the job can't be read: ${asked.left}`
            return Effect.succeed<Answer>({
              _tag: "Answered",
              reply: refusal(name, new WorkerError({ code: "JobRefused", detail }))
            })
          }
          const data = asked.right
          if (job.deferredFailure !== undefined) return Effect.succeed(lost([...data.lostOn, "machines that went away"]))
          const isSuspect = data.lostOn.length > 0 || job.stalledCounter >= MACHINES
          const command = { _tag: "Run", id, job: data, sources: known.get(data.coordinator) ?? [] } as const
          const progressed = (progress: JobProgress) => {
            // A sign of life that gets lost is followed by the next.
            job.updateProgress(progress).catch(() => {})
          }
          const work = (isSuspect ? own : shared).run(command, progressed)
          return (isSuspect ? alone.withPermits(1)(work) : work).pipe(
            Effect.map((reply): Answer => ({ _tag: "Answered", reply })),
            Effect.catchTag("ExecutorEnded", (ended) => giveBack(taken, data, ended))
          )
        })
    }
  })
