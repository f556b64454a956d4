import { Clock, Duration, Effect, Mailbox, Queue, Stream } from "effect"
import type { Arrival } from "../runner/RunOptions.js"
import * as LookedFiles from "../scan/LookedFiles.js"
import * as MissingFiles from "../scan/MissingFiles.js"
import { type GoneFile, Scanned, type Scanner, type ScanRequest } from "../scan/Scanner.js"
import type { SourceError } from "../scan/SourceError.js"
import type { TakenByContent } from "../scan/TakenByContent.js"
import type { Database } from "../store/Database.js"
import type { StoreError } from "../store/StoreError.js"
import type { PendingFiles } from "./PendingFiles.js"

/** What one look takes on. */
const PATHS_A_LOOK = 256
/** What is handed over at once. */
const FILES_A_HAND = 64
/** More gone files than this are a question for a whole scan, which asks itself whether to believe it. */
const FEW_GONE = 9
/** Between two looks whether there is room again. */
const ROOM_PAUSE = "100 millis"

/** A folder to list, below the source folder. */
export interface FolderVisit {
  readonly relativePath: string
  /** With everything below it. */
  readonly deep: boolean
}

/** Leads files that were noticed to the runner, once they are settled. */
export interface ArrivalQueue {
  /** What the runner is to work on. */
  readonly arrivals: Stream.Stream<Arrival>
  /** Looks at paths (relative RawPaths) that may have changed. */
  readonly look: (relativePaths: ReadonlyArray<string>) => Effect.Effect<void, SourceError | StoreError, Database>
  /** Lists folders that may have changed. */
  readonly visit: (visits: ReadonlyArray<FolderVisit>) => Effect.Effect<void, SourceError | StoreError, Database>
  /** Takes in what a scan told that began at `from`. Waits while there is no room. */
  readonly take: (told: Scanned, from: bigint) => Effect.Effect<void, StoreError, Database>
  /** Hands over what is ready, and looks at what is due, for ever. */
  readonly work: Effect.Effect<never, SourceError | StoreError, Database>
  /** Folders that a look found to be worth listing. */
  readonly visits: Queue.Queue<FolderVisit>
  /** Shut, nothing is handed over. */
  readonly gate: Effect.Latch
}

export interface ArrivalQueueOptions {
  readonly scanner: Scanner["Type"]
  readonly request: ScanRequest
  readonly pending: PendingFiles
  readonly takenByContent: TakenByContent
  /** Asks for a whole scan. */
  readonly scanSoon: Effect.Effect<void>
}

const now = Clock.currentTimeNanos

/** Each folder once; a deep one makes a shallow one of the same name needless. */
const merged = (visits: ReadonlyArray<FolderVisit>): ReadonlyArray<FolderVisit> => {
  const byPath = new Map<string, boolean>()
  for (const { deep, relativePath } of visits) byPath.set(relativePath, deep || byPath.get(relativePath) === true)
  return [...byPath].map(([relativePath, deep]) => ({ relativePath, deep }))
}

export const make = ({ pending, request, scanSoon, scanner, takenByContent }: ArrivalQueueOptions): Effect.Effect<ArrivalQueue> =>
  Effect.gen(function* () {
    const arrivals = yield* Mailbox.make<Arrival>({ capacity: 4 })
    const visits = yield* Queue.unbounded<FolderVisit>()
    const gate = yield* Effect.makeLatch(true)
    // Rung when the pending has something new; it rings once however often it is pulled.
    const wakeup = yield* Queue.sliding<void>(1)

    /** Puts into the pending what a look told that began at `from`. Never waits: whoever listens must not fall behind. */
    const put = (told: Scanned, from: bigint) =>
      Effect.gen(function* () {
        if (told._tag === "Found") pending.take(told.files, from, yield* now)
        else if (told._tag === "Refused") pending.refuse(told.refusals)
        else if (told._tag === "Ignored") yield* LookedFiles.remember(told)
        yield* wakeup.offer(undefined)
      })
    const takeGone = (files: ReadonlyArray<GoneFile>) => {
      for (const { path } of files) pending.forget(path)
      return files.length > FEW_GONE ? scanSoon : MissingFiles.markGone(files)
    }
    const lookAt = (relativePaths: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const from = yield* now
        const { folders, found, gone, ignored, refused } = yield* scanner.look(request, relativePaths)
        yield* takeGone(gone)
        yield* LookedFiles.remember(ignored)
        yield* visits.offerAll(folders.map((relativePath) => ({ relativePath, deep: true })))
        yield* put(Scanned.Refused({ refusals: refused }), from)
        yield* put(Scanned.Found({ files: found }), from)
        return new Set(found.map(({ path }) => path))
      })

    const handOver = (at: bigint) =>
      Effect.gen(function* () {
        const refusals = pending.refused()
        if (refusals.length > 0) yield* arrivals.offer(Scanned.Refused({ refusals }))
        const due = pending.due(at, PATHS_A_LOOK)
        const seen = due.length === 0 ? new Set() : yield* lookAt(due.map(({ relativePath }) => relativePath))
        // Gone, done by somebody else, or no file any more.
        for (const { path } of due) if (!seen.has(path)) pending.forget(path)
        const files = pending.ready(FILES_A_HAND)
        yield* takenByContent.handedOver(files)
        if (files.length > 0) yield* arrivals.offer(Scanned.Found({ files }))
        if (pending.hasMissed()) yield* scanSoon
        return refusals.length + due.length + files.length
      })
    const work = Effect.gen(function* () {
      yield* gate.await
      const at = yield* now
      if ((yield* handOver(at)) > 0) return
      const next = pending.next()
      yield* next === undefined ? wakeup.take : Effect.raceFirst(wakeup.take, Effect.sleep(Duration.nanos(next - at)))
    })

    return {
      arrivals: Mailbox.toStream(arrivals),
      look: (relativePaths) =>
        Effect.gen(function* () {
          for (let at = 0; at < relativePaths.length; at += PATHS_A_LOOK)
            yield* lookAt(relativePaths.slice(at, at + PATHS_A_LOOK))
        }),
      visit: (list) =>
        Effect.gen(function* () {
          const from = yield* now
          const gone: Array<GoneFile> = []
          yield* Stream.runForEach(scanner.scan({ ...request, within: merged(list) }), (told) =>
            told._tag === "Gone" ? Effect.sync(() => void gone.push(...told.files)) : put(told, from)
          )
          yield* takeGone(gone)
        }),
      take: (told, from) =>
        Effect.gen(function* () {
          while (told._tag !== "Finished" && pending.isFull()) yield* Effect.sleep(ROOM_PAUSE)
          yield* put(yield* takenByContent.scanned(told), from)
        }),
      work: Effect.forever(work),
      visits,
      gate
    }
  })
