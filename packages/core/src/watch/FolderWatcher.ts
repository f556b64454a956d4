import { Chunk, Duration, Effect, Queue, Stream } from "effect"
import type { SourceSettings } from "../config/SourceConfig.js"
import type { CompiledPlan } from "../runner/CompiledPlan.js"
import type { RunStopped } from "../runner/RunError.js"
import { Runner } from "../runner/Runner.js"
import type { Summary } from "../runner/RunStats.js"
import * as RawPath from "../stage/RawPath.js"
import { StateFolder } from "../stage/StateFolder.js"
import { Scanner, type ScanRequest } from "../scan/Scanner.js"
import type { SourceError } from "../scan/SourceError.js"
import * as TakenByContent from "../scan/TakenByContent.js"
import { Database } from "../store/Database.js"
import { networkFileSystem } from "../store/NetworkMount.js"
import type { StoreError } from "../store/StoreError.js"
import * as ArrivalQueue from "./ArrivalQueue.js"
import type { FsEventBatch } from "./FsEventsMessage.js"
import type { Listen } from "./FsEventsClient.js"
import * as PendingFiles from "./PendingFiles.js"
import * as EventLoopLag from "./EventLoopLag.js"
import * as PeriodicScan from "./PeriodicScan.js"
import type { WatchEvent } from "./WatchEvent.js"

/** Files that wait for an outside service are tried again after so long, then after twice as long … */
const FIRST_RETRY = Duration.seconds(30)
/** … up to this. */
const LAST_RETRY = Duration.minutes(5)

export interface FolderWatcherOptions {
  readonly ready: CompiledPlan
  readonly source: SourceSettings
  readonly listen: Listen
  readonly tell: (event: WatchEvent) => Effect.Effect<void>
  /** Somebody asks for a scan. */
  readonly rescans: Stream.Stream<void>
  /** How long work waits in its place for an outside service that is away; absent: as in every run. */
  readonly patience?: Duration.DurationInput | undefined
  /** When this ends, what is under way is finished and nothing new is begun. */
  readonly drain: Effect.Effect<void>
}

/**
 * How a folder is watched: by its settings, and by what it lies on.
 *
 * @param network for tests: the network file system that a folder is on
 */
export const manner = (
  source: SourceSettings,
  network = networkFileSystem
): { readonly mode: "events" | "scan"; readonly settle: Duration.Duration } => {
  const isNetwork = network(source.folder) !== undefined
  // A network mount doesn't tell what others do, and a folder whose name is no text can't be listened to.
  const mode = source.watch !== "auto" ? source.watch : isNetwork ? "scan" : "events"
  return {
    mode: RawPath.isText(source.folder) ? mode : "scan",
    settle: source.settle ?? Duration.seconds(isNetwork ? 10 : 2)
  }
}

/**
 * Watches a pipeline's folder and runs what lands in it through one plan, until it is asked to drain. Scans decide what there is;
 * events only say where to look at once. Whatever they miss, the next scan finds.
 */
export const run = ({
  drain,
  listen,
  patience,
  ready,
  rescans,
  source,
  tell
}: FolderWatcherOptions): Effect.Effect<
  Summary,
  RunStopped | SourceError | StoreError,
  Runner | Scanner | Database | StateFolder
> =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const scanner = yield* Scanner
    const database = yield* Database
    const state = yield* StateFolder
    const { pipeline } = ready.plan
    const { mode, settle } = manner(source)
    const { exclude, folder, include } = source
    const request: ScanRequest = { folder, include, exclude, against: { pipeline, plan: ready.id } }

    const wakeup = yield* Queue.sliding<void>(1)
    const scanSoon = Effect.asVoid(wakeup.offer(undefined))
    const pending = PendingFiles.make(
      Duration.unsafeToNanos(settle),
      (item) =>
        database.row("SELECT 1 FROM item_state WHERE item = ? AND pipeline = ? AND plan = ? AND state = 'failed'", [
          item,
          pipeline,
          ready.id
        ]) !== undefined
    )
    const takenByContent = TakenByContent.make((files) => tell({ _tag: "TakenByContent", pipeline, files }), scanSoon)
    const queue = yield* ArrivalQueue.make({ scanner, request, pending, takenByContent, scanSoon })
    let isDeaf = false

    const heed = ({ listed, ready, touched, trouble }: FsEventBatch) =>
      Effect.gen(function* () {
        if (trouble !== undefined) {
          if (!isDeaf) yield* tell({ _tag: "EventsLost", pipeline, detail: trouble })
          isDeaf = true
        }
        // What came between the first scan and the first event.
        if (ready || trouble !== undefined) yield* scanSoon
        yield* queue.visits.offerAll(listed.map((relativePath) => ({ relativePath, deep: false })))
        yield* queue.look(touched)
      })
    const listening = mode === "scan" ? Effect.never : Stream.runForEach(listen(folder, [state.path]), heed)

    const visits = Effect.forever(
      Effect.flatMap(Queue.takeBetween(queue.visits, 1, Infinity), (list) => queue.visit(Chunk.toReadonlyArray(list)))
    )
    const base = `${folder.replace(/\/+$/, "")}/`
    const again = (paths: ReadonlyArray<string>) => queue.look(paths.map((path) => path.slice(base.length)))
    const retrying = Effect.iterate(FIRST_RETRY, {
      while: () => true,
      body: (pause) =>
        Effect.gen(function* () {
          yield* Effect.sleep(pause)
          yield* again(pending.retry())
          return pending.isServed() ? FIRST_RETRY : Duration.min(Duration.times(pause, 2), LAST_RETRY)
        })
    })
    const asked = Stream.runForEach(rescans, () => Effect.zipRight(again(pending.retryAll()), scanSoon))
    const served = runner.events.pipe(
      Stream.filter(({ _tag }) => _tag === "ResourceOpened"),
      Stream.runForEach(() => again(pending.retryAll()))
    )
    const stoodStill = Stream.runForEach(EventLoopLag.standstills, () => scanSoon)
    const scanning = PeriodicScan.run({ request, pipeline, every: source.scanEvery, queue, wakeup, isDeaf: () => isDeaf, tell })

    yield* tell({ _tag: "Watching", pipeline, folder, mode, settleMillis: Duration.toMillis(settle) })
    const watching = Effect.all([listening, visits, retrying, asked, served, stoodStill, scanning, queue.work], {
      concurrency: "unbounded",
      discard: true
    })
    return yield* Effect.raceFirst(
      runner.run(ready, queue.arrivals, { drain, ended: pending.ended, ...(patience === undefined ? {} : { patience }) }),
      Effect.zipRight(watching, Effect.never)
    )
  })
