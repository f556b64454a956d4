import { Deferred, Duration, Effect, Either, Stream, SubscriptionRef } from "effect"
import type { SourceSettings } from "../config/SourceConfig.js"
import type { CompiledPlan } from "../runner/CompiledPlan.js"
import type { Runner } from "../runner/Runner.js"
import type { Summary } from "../runner/RunStats.js"
import type { StageFailure } from "../stage/Failure.js"
import type { StateFolder } from "../stage/StateFolder.js"
import type { Scanner } from "../scan/Scanner.js"
import type { Database } from "../store/Database.js"
import type { StoreError } from "../store/StoreError.js"
import type { WatcherCommands } from "./WatcherCommand.js"
import type { Listen } from "./FsEventsClient.js"
import * as FolderWatcher from "./FolderWatcher.js"
import type { Halt, WatchEvent } from "./WatchEvent.js"

/** After a failing disk a pipeline begins again, so long after the first failure, then after twice as long … */
const FIRST_PAUSE = Duration.seconds(5)
/** … up to this. */
const LAST_PAUSE = Duration.minutes(1)

export interface PipelineSupervisorOptions {
  readonly ready: CompiledPlan
  readonly source: SourceSettings
  readonly listen: Listen
  readonly wishes: SubscriptionRef.SubscriptionRef<WatcherCommands>
  readonly patience?: Duration.DurationInput | undefined
  /** Done when the pipeline is to begin nothing new any more. */
  readonly over: Deferred.Deferred<void>
  readonly tell: (event: WatchEvent) => Effect.Effect<void>
  readonly ran: (summary: Summary) => void
}

/**
 * A pipeline under one config: sessions, with pauses between them while a person wants it so, a setting must be changed, or the
 * disk fails. Fails when the state folder can't be used any more.
 */
export const run = ({
  listen,
  over,
  patience,
  ran,
  ready,
  source,
  tell,
  wishes
}: PipelineSupervisorOptions): Effect.Effect<void, StoreError, Runner | Scanner | Database | StateFolder> =>
  Effect.suspend(() => {
    const { pipeline } = ready.plan
    const wish = Stream.map(wishes.changes, ({ pipelines }) => pipelines.get(pipeline))
    /** Ends when the pipeline is, or is no longer, paused. */
    const paused = (isPaused: boolean) =>
      Stream.runHead(Stream.filter(wish, (wish) => (wish?.isPaused ?? false) === isPaused)).pipe(Effect.asVoid)
    /** Ends with the next word of a person. */
    const word = wish.pipe(
      Stream.map((wish) => wish?.wish),
      Stream.changes,
      Stream.drop(1),
      Stream.runHead
    )
    const rescans = wishes.changes.pipe(
      Stream.map(({ pipelines, rescan }) => `${rescan} ${pipelines.get(pipeline)?.wish}`),
      Stream.changes,
      Stream.drop(1),
      Stream.map(() => undefined)
    )
    const isOver = Deferred.isDone(over)
    /** Tells why nothing is done, until it may go on. */
    const halted = (halt: Halt, failure: StageFailure | undefined, until: Effect.Effect<unknown>) =>
      Effect.gen(function* () {
        yield* tell({ _tag: "Halted", pipeline, halt, failure })
        yield* Effect.raceFirst(until, Deferred.await(over))
        if (!(yield* isOver)) yield* tell({ _tag: "Resumed", pipeline })
      })

    return Effect.gen(function* () {
      let pause = FIRST_PAUSE
      while (!(yield* isOver)) {
        if ((yield* SubscriptionRef.get(wishes)).pipelines.get(pipeline)?.isPaused === true) {
          yield* halted("paused", undefined, paused(false))
          continue
        }
        const drain = Effect.raceFirst(Deferred.await(over), paused(true))
        const ended = yield* Effect.either(FolderWatcher.run({ ready, source, listen, tell, rescans, patience, drain }))
        if (Either.isRight(ended)) {
          ran(ended.right)
          pause = FIRST_PAUSE
        } else if (ended.left._tag === "RunStopped") {
          yield* halted("stopped", ended.left.failure, word)
        } else if (ended.left._tag === "StoreError" && ended.left.retry === "config") {
          return yield* ended.left
        } else {
          yield* halted("trouble", ended.left, Effect.sleep(pause))
          pause = Duration.min(Duration.times(pause, 2), LAST_PAUSE)
        }
      }
    })
  })
