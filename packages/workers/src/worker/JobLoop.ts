import { Cause, Deferred, Effect, Either, Exit, FiberId, FiberSet, Option, Queue, Schedule, type Scope } from "effect"
import type { Redis } from "ioredis"
import { ask, briefly } from "../queue/QueueClient.js"
import * as Wakeup from "../queue/Wakeup.js"
import type { StageReply } from "../protocol/StageReply.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import type { JobAnswers } from "./JobAnswers.js"
import type { JobLocks } from "./JobLocks.js"
import type { JobQueues, TakenJob } from "./JobQueues.js"
import type { JobOutcome, WorkerEvent } from "./WorkerEvent.js"
import type { WorkerStats } from "./WorkerStats.js"

/** Takes jobs as long as there is room for them. */
export interface JobLoop {
  /** Looks at once: there may be jobs, or room. */
  readonly wake: Effect.Effect<void>
  /** Takes jobs until it is interrupted; fails when nothing can be run here any more. */
  readonly run: Effect.Effect<never, WorkerError>
  /** Takes no more, and waits for what was taken. */
  readonly drain: Effect.Effect<void>
  readonly running: Effect.Effect<number>
}

/** Looks for jobs so often, also when nobody says that there are any. */
const LOOK = "500 millis"
/** Jobs that are taken with one look: as many as a process of the media engine merges. */
const MOST_AT_ONCE = 40
/** What sums of fractions may be off by. */
const EPSILON = 1e-6
/** A server that is away is not waited for at the end. */
const PATIENCE = "1 second"

/** For people and for the room that it takes. */
const nothing = { stage: "unknown", pipeline: "unknown", node: "unknown", key: "", weight: 1 }

/** A job while it is this worker's. */
interface Hold {
  /** It is somebody else's by now, or nobody waits for it any more. */
  isLate: boolean
  readonly release: () => void
}

const outcomeOf = (reply: StageReply): JobOutcome =>
  reply._tag === "Done" ? "done" : reply._tag === "Failed" && reply.failure.retry === "skip" ? "skipped" : "failed"

const detailOf = (reply: StageReply): string | undefined =>
  reply._tag === "Failed" ? reply.failure.message : reply._tag === "Broke" ? reply.message : undefined

export const make = (options: {
  readonly client: Redis
  readonly slots: number
  readonly queues: JobQueues
  readonly locks: JobLocks
  readonly answers: JobAnswers
  readonly stats: WorkerStats
  readonly tell: (event: WorkerEvent) => Effect.Effect<void>
}): Effect.Effect<JobLoop, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    const { answers, client, locks, queues, slots, stats, tell } = options
    const wakeups = yield* Queue.sliding<void>(1)
    const wake = (): void => void wakeups.unsafeOffer(undefined)
    const broken = yield* Deferred.make<never, WorkerError>()
    const jobs = yield* FiberSet.make<void>()
    const fork = yield* FiberSet.runtime(jobs)<never>()
    /** By job: ends the work on it, as it is this worker's no more. */
    const stops = new Map<string, () => void>()
    let free = slots
    let draining = false

    const end = ({ id, asked }: TakenJob, began: number, outcome: JobOutcome, detail?: string) =>
      Effect.suspend(() => {
        const { key, node, pipeline, stage } = Either.getOrElse(asked, () => nothing)
        stats.end(id, outcome, Date.now())
        const milliseconds = Math.round(performance.now() - began)
        return tell({ _tag: "JobEnded", stage, pipeline, node, key, outcome, detail, milliseconds })
      })

    /** Others may begin at once with what is given back. */
    const giveBack = ({ job, token }: TakenJob) =>
      briefly(
        Effect.zipRight(
          ask(() => job.moveToWait(token)),
          Wakeup.jobs(client)
        ),
        PATIENCE
      )

    const deliver = (taken: TakenJob, weight: number, reply: StageReply) =>
      Effect.map(queues.complete(taken, reply, !draining && free + EPSILON >= weight), (next) => {
        if (next !== undefined) begin(next)
        return reply
      })

    const perform = (taken: TakenJob, weight: number, hold: Hold): Effect.Effect<void> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const began = performance.now()
          const came = yield* Effect.exit(restore(answers.of(taken)))
          hold.release()
          free += weight
          if (hold.isLate) return yield* end(taken, began, "late")
          if (Exit.isFailure(came)) {
            yield* giveBack(taken)
            const failure = Option.getOrUndefined(Cause.failureOption(came.cause))
            yield* end(taken, began, "returned", failure?.message)
            // This machine runs nothing any more: the worker ends.
            return failure === undefined ? undefined : yield* Effect.asVoid(Deferred.fail(broken, failure))
          }
          if (came.value._tag === "GivenBack") {
            yield* briefly(Wakeup.jobs(client), PATIENCE)
            return yield* end(taken, began, "lost", came.value.detail)
          }
          const delivered = yield* Effect.either(restore(deliver(taken, weight, came.value.reply)))
          yield* Either.isLeft(delivered)
            ? end(taken, began, "late", delivered.left.message)
            : end(taken, began, outcomeOf(delivered.right), detailOf(delivered.right))
        }).pipe(Effect.ensuring(Effect.sync(() => (free > EPSILON ? wake() : undefined))))
      )

    const begin = (taken: TakenJob): void => {
      const { node, pipeline, weight } = Either.getOrElse(taken.asked, () => nothing)
      free -= weight
      stats.begin(taken.id, `${pipeline}/${node}`)
      const stop = () => {
        hold.isLate = true
        fiber.unsafeInterruptAsFork(FiberId.none)
      }
      const letGo = locks.hold(taken.taker, taken.id, taken.token, stop)
      stops.set(taken.id, stop)
      const hold: Hold = {
        isLate: false,
        release: () => {
          letGo()
          if (stops.get(taken.id) === stop) stops.delete(taken.id)
        }
      }
      const fiber = fork(perform(taken, weight, hold))
    }

    /** How many more fit, if they are like the last one. */
    const fitting = (weight: number): number => Math.min(MOST_AT_ONCE, Math.floor((free + EPSILON) / weight))
    const takeAll = Effect.gen(function* () {
      let most = 1
      while (!draining && free > EPSILON) {
        const taken = yield* queues.take(most)
        taken.forEach(begin)
        const last = taken.at(-1)
        if (last === undefined || taken.length < most) return
        most = Math.max(1, fitting(Either.getOrElse(last.asked, () => nothing).weight))
      }
    })

    yield* Wakeup.listen(client, { jobs: wake, cancel: (job) => stops.get(job)?.() })
    yield* Effect.forkScoped(Effect.repeat(Effect.sync(wake), Schedule.spaced(LOOK)))
    return {
      wake: Effect.sync(wake),
      run: Effect.raceFirst(Effect.forever(Effect.zipRight(Queue.take(wakeups), Effect.ignore(takeAll))), Deferred.await(broken)),
      drain: Effect.suspend(() => {
        draining = true
        return FiberSet.awaitEmpty(jobs)
      }),
      running: FiberSet.size(jobs)
    }
  })
