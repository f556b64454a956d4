import { Deferred, Effect, Either, FiberSet, Queue, type Scope } from "effect"
import type { Redis } from "ioredis"
import { ask } from "../queue/QueueClient.js"
import * as Wakeup from "../queue/Wakeup.js"
import type { StageReply } from "../protocol/StageReply.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import type { Answer, JobAnswers } from "./JobAnswers.js"
import type { JobLocks } from "./JobLocks.js"
import type { JobQueues, TakenJob } from "./JobQueues.js"
import type { JobOutcome, WorkerEvent } from "./WorkerEvent.js"
import type { WorkerStats } from "./WorkerStats.js"

/** Takes jobs as long as there is room for them. */
export interface JobLoop {
  /** Looks at once: there may be jobs, or room. */
  readonly ring: Effect.Effect<void>
  /** Takes jobs until it is interrupted; fails when nothing can be run here any more. */
  readonly run: Effect.Effect<never, WorkerError>
  /** Takes no more, and waits for what was taken. */
  readonly drain: Effect.Effect<void>
  readonly running: Effect.Effect<number>
}

/** Looks for jobs so often, also when nobody says that there are any. */
const LOOK = "500 millis"
/** Sums of fractions. */
const CRUMB = 1e-6
/** A server that is away is not waited for at the end. */
const PATIENCE = "1 second"

/** For people and for the room that it takes. */
const nothing = { stage: "unknown", pipeline: "unknown", node: "unknown", key: "", weight: 1 }
const aboutOf = ({ asked }: TakenJob) => Either.getOrElse(asked, () => nothing)

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
    const bell = yield* Queue.sliding<void>(1)
    const ring = Effect.asVoid(Queue.offer(bell, undefined))
    const broken = yield* Deferred.make<never, WorkerError>()
    const unwanted = new Map<string, Deferred.Deferred<void>>()
    const jobs = yield* FiberSet.make<void>()
    let free = slots
    let draining = false

    const end = (taken: TakenJob, began: number, outcome: JobOutcome, detail?: string) =>
      Effect.suspend(() => {
        const { key, node, pipeline, stage } = aboutOf(taken)
        stats.end(taken.id, outcome, Date.now())
        const milliseconds = Math.round(performance.now() - began)
        return tell({ _tag: "JobEnded", stage, pipeline, node, key, outcome, detail, milliseconds })
      })

    /** Others may begin at once with what is given back. */
    const giveBack = ({ job, token }: TakenJob) =>
      Effect.zipRight(
        Effect.ignore(
          Effect.timeout(
            ask(() => job.moveToWait(token)),
            PATIENCE
          )
        ),
        Wakeup.jobs(client)
      )

    /** What comes of it; `late` when it isn't this worker's any more. */
    const answer = (taken: TakenJob): Effect.Effect<Answer | "late", WorkerError> =>
      Effect.gen(function* () {
        const cancelled = yield* Effect.acquireRelease(
          Effect.tap(Deferred.make<void>(), (made) => Effect.sync(() => unwanted.set(taken.id, made))),
          () => Effect.sync(() => unwanted.delete(taken.id))
        )
        const lost = yield* locks.hold(taken.taker, taken.id, taken.token)
        const gone = Effect.as(Effect.raceFirst(lost, Deferred.await(cancelled)), "late" as const)
        return yield* Effect.raceFirst(answers.of(taken), gone)
      }).pipe(Effect.scoped)

    const perform = (taken: TakenJob, weight: number): Effect.Effect<void> =>
      Effect.gen(function* () {
        const began = performance.now()
        const { node, pipeline } = aboutOf(taken)
        stats.begin(taken.id, `${pipeline}/${node}`)
        const came = yield* Effect.either(answer(taken)).pipe(
          Effect.onInterrupt(() => Effect.zipRight(giveBack(taken), end(taken, began, "returned"))),
          Effect.ensuring(Effect.sync(() => (free += weight)))
        )
        if (Either.isLeft(came)) {
          // This machine runs nothing any more: the job is another's, and the worker ends.
          yield* giveBack(taken)
          yield* end(taken, began, "returned", came.left.message)
          return yield* Effect.asVoid(Deferred.fail(broken, came.left))
        }
        if (came.right === "late") return yield* end(taken, began, "late")
        if (came.right._tag === "GivenBack") {
          yield* Wakeup.jobs(client)
          return yield* end(taken, began, "lost", came.right.detail)
        }
        const { reply } = came.right
        const next = yield* Effect.either(queues.complete(taken, reply, !draining && free + CRUMB >= weight))
        if (Either.isLeft(next)) return yield* end(taken, began, "late", next.left.message)
        if (next.right !== undefined) yield* begin(next.right)
        yield* end(taken, began, outcomeOf(reply), detailOf(reply))
      }).pipe(Effect.ensuring(ring))

    const begin = (taken: TakenJob): Effect.Effect<void> =>
      Effect.suspend(() => {
        const { weight } = aboutOf(taken)
        free -= weight
        return Effect.asVoid(FiberSet.run(jobs, perform(taken, weight)))
      })

    const takeAll = Effect.gen(function* () {
      while (!draining && free > CRUMB) {
        const taken = yield* queues.take
        if (taken === undefined) return
        yield* begin(taken)
      }
    })

    yield* Wakeup.listen(client, {
      jobs: () => void bell.unsafeOffer(undefined),
      cancel: (job) => {
        const found = unwanted.get(job)
        if (found !== undefined) Deferred.unsafeDone(found, Effect.void)
      }
    })
    const round = Effect.zipRight(Effect.ignore(takeAll), Effect.timeoutOption(Queue.take(bell), LOOK))
    return {
      ring,
      run: Effect.raceFirst(Effect.forever(round), Deferred.await(broken)),
      drain: Effect.suspend(() => {
        draining = true
        return FiberSet.awaitEmpty(jobs)
      }),
      running: FiberSet.size(jobs)
    }
  })
