import { Clock, Duration, Effect, Queue, Stream } from "effect"
import * as MissingFiles from "../scan/MissingFiles.js"
import type { Scanner, ScanRequest } from "../scan/Scanner.js"
import type { SourceError } from "../scan/SourceError.js"
import { Database } from "../store/Database.js"
import type { StoreError } from "../store/StoreError.js"
import type { ArrivalQueue } from "./ArrivalQueue.js"
import type { WatchEvent } from "./WatchEvent.js"

/** Between scans while the folder is away, or the system doesn't tell of all changes; a longer setting doesn't count then. */
const WORRIED = Duration.seconds(30)
/** After a scan it rests so many times as long as it took: on a slow share it is never busy all the time. */
const REST = 4
const LEAST_REST = Duration.seconds(1)

export interface PeriodicScanOptions {
  readonly request: ScanRequest
  readonly pipeline: string
  /** Between two scans. */
  readonly every: Duration.Duration
  readonly queue: ArrivalQueue
  /** Pulled by whoever wants a scan. */
  readonly wakeup: Queue.Dequeue<void>
  /** Whether events can't be relied on. */
  readonly isDeaf: () => boolean
  readonly tell: (event: WatchEvent) => Effect.Effect<void>
}

/** Away, for the moment: it may be mounted again. */
const isAway = (error: SourceError | StoreError): error is SourceError =>
  error._tag === "SourceError" && (error.code === "FolderMissing" || error.code === "FolderUnreadable")

/**
 * Scans the whole folder: at once, then on a schedule and when asked to, for ever. While the folder is away, or too much vanished
 * from it at once, nothing is handed over; it goes on by itself when all is back.
 */
export const run = ({
  wakeup,
  every,
  queue,
  isDeaf,
  pipeline,
  request,
  tell
}: PeriodicScanOptions): Effect.Effect<never, SourceError | StoreError, Database | Scanner> =>
  Effect.suspend(() => {
    let isShut = false
    const judge = (doubt: SourceError | undefined) =>
      Effect.gen(function* () {
        if (doubt !== undefined && !isShut) yield* tell({ _tag: "Halted", pipeline, halt: "folder", failure: doubt })
        if (doubt === undefined && isShut) yield* tell({ _tag: "Resumed", pipeline })
        isShut = doubt !== undefined
        yield* isShut ? queue.gate.close : queue.gate.open
      })

    const round = Effect.gen(function* () {
      yield* Effect.flatMap(Database, ({ present }) => present)
      const from = yield* Clock.currentTimeNanos
      yield* Stream.runForEach(MissingFiles.scan(request), (told) =>
        Effect.gen(function* () {
          yield* queue.take(told, from)
          if (told._tag !== "Finished") return
          const milliseconds = Number((yield* Clock.currentTimeNanos) - from) / 1e6
          yield* judge(told.doubt)
          yield* tell({ _tag: "FolderScanned", pipeline, counts: told.counts, milliseconds })
        })
      ).pipe(Effect.catchIf(isAway, judge))
      return Duration.nanos((yield* Clock.currentTimeNanos) - from)
    })

    const loop = Effect.gen(function* () {
      const took = yield* round
      const rest = Duration.max(LEAST_REST, Duration.times(took, REST))
      const until = Duration.max(rest, isShut || isDeaf() ? Duration.min(every, WORRIED) : every)
      yield* Effect.sleep(rest)
      yield* Effect.raceFirst(wakeup.take, Effect.sleep(Duration.subtract(until, rest)))
    })
    return Effect.forever(loop)
  })
