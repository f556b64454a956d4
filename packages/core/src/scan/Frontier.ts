import { Deferred, Effect, FiberId, Option, type Scope, Stream } from "effect"
import type { Ask } from "./ScanClient.js"
import type { Met, Piece, ScanOrder } from "./ScanMessage.js"
import type { SourceError } from "./SourceError.js"
import type { Start } from "./Walk.js"

/** What one thread takes on: it gives back what it doesn't come to. */
const MOST_FOLDERS = 256

/** The folders of a scan that were seen and not entered yet, for the threads that share them. */
export interface Frontier {
  /** Folders for a thread that has none under way; waits while another may still find some. `None`: everything is walked. */
  readonly take: Effect.Effect<Option.Option<ReadonlyArray<Start>>>
  /** What a thread found and did not enter, and whether it still has a folder under way. */
  readonly give: (found: ReadonlyArray<Start>, isUnderWay: boolean) => void
  /** Whether nothing is left for another thread: whoever has some gives soon. */
  readonly isScarce: () => boolean
  /** One thread more takes part; whether it should, `isLong` tells. */
  readonly join: () => void
  /** Whether a moment of one thread was not enough; waits for that. */
  readonly isLong: Effect.Effect<boolean>
}

export const make = (starts: ReadonlyArray<Start>): Frontier => {
  const folders = [...starts]
  const long = Deferred.unsafeMake<boolean>(FiberId.none)
  let waiting: Array<() => void> = []
  let threads = 1
  let underWay = 0

  const share = () => folders.splice(-Math.min(MOST_FOLDERS, Math.ceil(folders.length / threads)))
  return {
    take: Effect.async((resume) => {
      const attempt = () => {
        if (folders.length > 0) {
          underWay++
          resume(Effect.succeedSome(share()))
        } else if (underWay > 0) {
          waiting.push(attempt)
        } else {
          Deferred.unsafeDone(long, Effect.succeed(false))
          resume(Effect.succeedNone)
        }
      }
      attempt()
    }),
    give: (found, isUnderWay) => {
      for (const folder of found) folders.push(folder)
      if (!isUnderWay) underWay--
      if (folders.length > 0) Deferred.unsafeDone(long, Effect.succeed(true))
      const attempts = waiting
      waiting = []
      for (const attempt of attempts) attempt()
    },
    isScarce: () => threads > 1 && folders.length === 0,
    join: () => void threads++,
    isLong: Deferred.await(long)
  }
}

/** A scan that a thread has open. */
export interface Walker {
  readonly ask: Ask
  readonly scan: number
}

const pieces = ({ ask, scan }: Walker, frontier: Frontier): Stream.Stream<Piece, SourceError> =>
  Stream.unfoldEffect(false, (isUnderWay) =>
    Effect.gen(function* () {
      const folders = isUnderWay ? Option.some([]) : yield* frontier.take
      if (Option.isNone(folders)) return Option.none()
      const order = { _tag: "Walk", scan, folders: folders.value, isScarce: frontier.isScarce() } as const
      const { piece } = yield* ask(order, "Piece")
      frontier.give(piece.left, !piece.ended)
      return Option.some([piece, !piece.ended] as const)
    })
  )

/**
 * What a scan finds by walking its folders. A scan that isn't over in a moment gets a second thread, as long as it lasts: most of its
 * time goes by in the system and in SQLite, and it is the only work of a watcher that has nothing to do.
 */
export const walk = (
  { within }: ScanOrder,
  first: Walker,
  second: Effect.Effect<Walker, SourceError, Scope.Scope>
): Stream.Stream<Piece, SourceError> =>
  Stream.suspend(() => {
    const frontier = make(within ?? [{ relative: "", deep: true }])
    const help = Effect.gen(function* () {
      if (!(yield* frontier.isLong)) return Stream.empty
      const walker = yield* second
      frontier.join()
      return pieces(walker, frontier)
    })
    return Stream.merge(pieces(first, frontier), Stream.unwrapScoped(help))
  })

/** What is not there any more, of the rows that no file stood for. `met`: how many the others are. */
export const missing = ({ ask, scan }: Walker, met: Met): Stream.Stream<Piece, SourceError> =>
  Stream.paginateEffect(undefined, () =>
    Effect.map(ask({ _tag: "Missing", scan, met }, "Piece"), ({ piece }) => [
      piece,
      piece.ended ? Option.none() : Option.some(undefined)
    ])
  )
