import { Cause, Deferred, Effect, Either, Exit, FiberId, FiberSet, Option, Queue, Schedule, type Scope } from "effect"
import type { Redis } from "ioredis"
import { ask, briefly } from "../queue/QueueClient.js"
import * as Wakeup from "../queue/Wakeup.js"
import { keyIn } from "../protocol/StageJob.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import type { BatchPart, EndedAttempt } from "./ExecutorMessage.js"
import type { JobAnswers } from "./JobAnswers.js"
import type { JobLocks } from "./JobLocks.js"
import type { JobQueues, TakenJob } from "./JobQueues.js"
import { answerAll } from "./Refusal.js"
import { SlotRoom, type Tenant } from "./SlotRoom.js"
import type { JobOutcome, WorkerEvent } from "./WorkerEvent.js"
import type { WorkerStats } from "./WorkerStats.js"

/** Takes jobs as long as there is room for them. */
export interface JobLoop {
  /** Looks at once: there may be jobs, or room. */
  readonly wake: Effect.Effect<void>
  /** Takes jobs until it is interrupted; fails when nothing can be run here any more. */
  readonly run: Effect.Effect<never, WorkerError>
  /** Takes no more, and waits for what was taken, but for jobs of coordinators that are gone: those are given back. */
  readonly drain: Effect.Effect<void>
  /**
   * The coordinators that gave a sign of life.
   *
   * @param now milliseconds of the process
   */
  readonly see: (coordinators: ReadonlySet<string>, now: number) => void
  readonly running: Effect.Effect<number>
  /** Why it takes nothing for now. */
  readonly hindrance: () => string | undefined
}

/** Looks for jobs so often, also when nobody says that there are any. */
const LOOK = "500 millis"
/** Jobs that are taken with one look: as many as a process of the media engine merges. */
const MOST_AT_ONCE = 40
/** A server that is away is not waited for at the end. */
const PATIENCE = "1 second"

/** For people and for the room that it takes. */
const nothing = { coordinator: "", stage: "unknown", pipeline: "unknown", node: "unknown", weight: 1, ids: [] }

/** A job while it is this worker's. */
interface Hold {
  readonly taken: TakenJob
  readonly tenant: Tenant
  /** Attempts without an answer. */
  readonly left: Set<string>
  /** When it began, in milliseconds of the process. */
  readonly began: number
  /** Why it is this worker's no more, if so: it is somebody else's by now, or its queue doesn't take the answer. */
  late: string | undefined
  /** Nothing comes after it. */
  isDry: boolean
  readonly release: () => void
}

export const make = (options: {
  readonly client: Redis
  readonly slots: number
  readonly queues: JobQueues
  readonly locks: JobLocks
  readonly answers: JobAnswers
  readonly stats: WorkerStats
  /** Why nothing can be begun here for now. */
  readonly hindrance: () => string | undefined
  readonly tell: (events: ReadonlyArray<WorkerEvent>) => Effect.Effect<void>
}): Effect.Effect<JobLoop, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    const { answers, client, locks, queues, slots, stats, tell } = options
    const wakeups = yield* Queue.sliding<void>(1)
    const wake = (): void => void wakeups.unsafeOffer(undefined)
    const broken = yield* Deferred.make<never, WorkerError>()
    const jobs = yield* FiberSet.make<void>()
    const fork = yield* FiberSet.runtime(jobs)<never>()
    /** By attempt: the batch that it came in. */
    const batchOf = new Map<string, string>()
    const room = new SlotRoom(slots)
    let draining = false
    let hindrance: string | undefined

    const end = ({ left, taken }: Hold, attempts: ReadonlyArray<EndedAttempt>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const { node, pipeline, stage } = Either.getOrElse(taken.asked, () => nothing)
        const now = Date.now()
        if (attempts.length === 0) return Effect.void
        return tell(
          attempts.map(({ id, ...about }) => {
            left.delete(id)
            batchOf.delete(id)
            stats.end(id, about.outcome, now)
            return { _tag: "JobEnded", stage, pipeline, node, ...about }
          })
        )
      })
    /** What has no answer ends without one. */
    const endRest = (hold: Hold, outcome: JobOutcome, detail: string | undefined): Effect.Effect<void> => {
      const milliseconds = Math.round(performance.now() - hold.began)
      return end(
        hold,
        [...hold.left].map((id) => ({ id, key: keyIn(id), outcome, detail, milliseconds }))
      )
    }

    /** Others may begin at once with what is given back. */
    const giveBack = ({ left, taken }: Hold) => {
      const { asked, id, job, token } = taken
      const wasAnswered = Either.isRight(asked) && left.size < asked.right.ids.length
      return briefly(
        wasAnswered
          ? Effect.zipRight(
              queues.say(taken, answerAll(id, left, { _tag: "Undone", why: "late", on: "a worker that ends" }).text),
              queues.complete(taken, false)
            )
          : Effect.zipRight(
              ask(() => job.moveToWait(token)),
              Wakeup.jobs(client)
            ),
        PATIENCE
      )
    }

    /** Tells the coordinator; whether the job still was this worker's. */
    const say = (hold: Hold, part: BatchPart): Effect.Effect<boolean> =>
      Effect.match(queues.say(hold.taken, part.text), {
        onFailure: ({ message }) => {
          hold.late = message
          return false
        },
        onSuccess: (isMine) => {
          if (!isMine) hold.late = ""
          return isMine
        }
      })
    /** Gives all answers but the last, and that one. */
    const answer = (hold: Hold): Effect.Effect<BatchPart, WorkerError> =>
      Effect.gen(function* () {
        const parts = yield* Queue.unbounded<BatchPart>()
        const deliver: Effect.Effect<BatchPart> = Effect.flatMap(Queue.take(parts), (part) =>
          part.isLast
            ? Effect.succeed(part)
            : Effect.flatMap(say(hold, part), (isMine) =>
                isMine ? Effect.zipRight(end(hold, part.ended), deliver) : Effect.interrupt
              )
        )
        const work = answers.of(hold.taken, (part) => void parts.unsafeOffer(part))
        return yield* Effect.zipRight(work, deliver, { concurrent: true })
      })

    const perform = (hold: Hold): Effect.Effect<void> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const { taken, tenant } = hold
          const came = yield* Effect.exit(restore(answer(hold)))
          hold.release()
          room.leave(tenant)
          if (hold.late !== undefined) return yield* endRest(hold, "late", hold.late || undefined)
          if (Exit.isFailure(came)) {
            yield* giveBack(hold)
            const failure = Option.getOrUndefined(Cause.failureOption(came.cause))
            yield* endRest(hold, "returned", failure?.message)
            // This machine runs nothing any more: the worker ends.
            return failure === undefined ? undefined : yield* Effect.asVoid(Deferred.fail(broken, failure))
          }
          const wantsNext = !draining && hindrance === undefined && room.hasRoom(tenant.weight)
          const complete = Effect.either(queues.complete(taken, wantsNext))
          const [isMine, next] = yield* restore(Effect.zip(say(hold, came.value), complete, { concurrent: true }))
          if (Either.isRight(next) && next.right !== undefined) begin(next.right)
          // There is nothing more in its queue, and no other: somebody says when there is.
          else if (Either.isRight(next) && wantsNext && queues.names.size === 1) hold.isDry = true
          yield* isMine ? end(hold, came.value.ended) : endRest(hold, "late", hold.late || undefined)
        }).pipe(Effect.ensuring(Effect.sync(() => (room.hasRoom() && !hold.isDry ? wake() : undefined))))
      )

    const begin = (taken: TakenJob): void => {
      const { coordinator, ids, node, pipeline, weight } = Either.getOrElse(taken.asked, () => nothing)
      const stop = () => {
        hold.late = ""
        fiber.unsafeInterruptAsFork(FiberId.none)
      }
      const letGo = locks.hold(taken.taker, taken.id, taken.token, stop)
      const hold: Hold = {
        taken,
        tenant: room.enter(coordinator, weight),
        left: new Set(ids),
        began: performance.now(),
        late: undefined,
        isDry: false,
        release: () => {
          letGo()
          for (const id of hold.left) if (batchOf.get(id) === taken.id) batchOf.delete(id)
        }
      }
      for (const id of ids) {
        batchOf.set(id, taken.id)
        stats.begin(id, `${pipeline}/${node}`)
      }
      const fiber = fork(perform(hold))
    }
    const cancel = (attempt: string): void => {
      const batch = batchOf.get(attempt)
      if (batch !== undefined) answers.cancel(batch, attempt)
    }

    /** How many more fit, if they are like the last one. */
    const fitting = (weight: number): number => Math.min(MOST_AT_ONCE, room.fitting(weight))
    const lookForHindrance = Effect.suspend(() => {
      const before = hindrance
      hindrance = options.hindrance()
      if ((hindrance === undefined) === (before === undefined)) return Effect.void
      return tell([hindrance === undefined ? { _tag: "Unhindered" } : { _tag: "Hindered", detail: hindrance }])
    })
    const takeAll = Effect.gen(function* () {
      let most = 1
      yield* lookForHindrance
      while (hindrance === undefined && !draining && room.hasRoom()) {
        const taken = yield* queues.take(most)
        taken.forEach(begin)
        const last = taken.at(-1)
        if (last === undefined || taken.length < most) return
        // Each that comes back empty costs as much: jobs may be batches, of which there are few.
        most = Math.max(1, Math.min(most * 2, fitting(Either.getOrElse(last.asked, () => nothing).weight)))
      }
    })

    yield* Wakeup.listen(client, { jobs: wake, cancel })
    yield* Effect.forkScoped(Effect.repeat(Effect.sync(wake), Schedule.spaced(LOOK)))
    return {
      wake: Effect.sync(wake),
      run: Effect.raceFirst(Effect.forever(Effect.zipRight(Queue.take(wakeups), Effect.ignore(takeAll))), Deferred.await(broken)),
      drain: Effect.suspend(() => {
        draining = true
        const deserted = Effect.repeat(Effect.sleep(LOOK), { until: () => room.isDeserted })
        return Effect.raceFirst(FiberSet.awaitEmpty(jobs), deserted)
      }),
      see: (coordinators, now) => {
        if (room.see(coordinators, now)) wake()
      },
      running: FiberSet.size(jobs),
      hindrance: () => hindrance
    }
  })
