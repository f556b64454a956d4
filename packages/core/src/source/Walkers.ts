import { Effect, Option, type Scope, Stream } from "effect"
import * as Frontier from "./Frontier.js"
import type { Piece, ScanOrder } from "./ScanMessage.js"
import type { Ask } from "./ScanWorker.js"
import type { SourceError } from "./SourceError.js"

/** A scan that a thread has open. */
export interface Walker {
  readonly ask: Ask
  readonly scan: number
}

const pieces = ({ ask, scan }: Walker, frontier: Frontier.Frontier): Stream.Stream<Piece, SourceError> =>
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
    const frontier = Frontier.make(within ?? [{ relative: "", deep: true }])
    const help = Effect.gen(function* () {
      if (!(yield* frontier.isLong)) return Stream.empty
      const walker = yield* second
      frontier.join()
      return pieces(walker, frontier)
    })
    return Stream.merge(pieces(first, frontier), Stream.unwrapScoped(help))
  })

/** What is not there any more, of the rows that no file stood for. `met`: the others. */
export const missing = ({ ask, scan }: Walker, met: number): Stream.Stream<Piece, SourceError> =>
  Stream.paginateEffect(undefined, () =>
    Effect.map(ask({ _tag: "Missing", scan, met }, "Piece"), ({ piece }) => [
      piece,
      piece.ended ? Option.none() : Option.some(undefined)
    ])
  )
