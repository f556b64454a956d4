import { Column, Library, type LibraryError } from "@mediaspool/core"
import { Effect } from "effect"
import * as Likeness from "./Likeness.js"
import * as Search from "./Search.js"
import type { SearchError } from "./SearchError.js"

/** Files of each kind of search that are mixed. */
const MIXED = 200
/** What softens the first places: the figure that reciprocal rank fusion is known with. */
const SOFTENING = 60

/** Where a file stood in the two searches, from 1; absent where it wasn't found. */
export interface Reason {
  readonly meaning?: number
  readonly words?: number
}

/** A file, and what put it there. */
export interface Found extends Search.Found {
  readonly reason: Reason
}

/** The answer to a question. */
export interface Result extends Search.Result {
  readonly found: ReadonlyArray<Found>
}

/** A filter: `duration:>60`, `-emotion:sad`, `sort:-added`. What isn't one is the question. */
const filter = /^-?[\p{L}][\p{L}\p{N}_-]*:(?!\/\/)\S/u
const parts = (typed: string): ReadonlyArray<string> => typed.match(/\S*"[^"]*"\S*|\S+/g) ?? []

/** What is asked of a model: the words of what was typed, without its filters. */
export const questionOf = (typed: string): string =>
  parts(typed)
    .filter((part) => !filter.test(part))
    .join(" ")
    .replaceAll('"', "")
    .trim()

const filtersOf = (typed: string): string =>
  parts(typed)
    .filter((part) => filter.test(part))
    .join(" ")

/** Any of the question's words, and all of the filters. */
const wordsOf = (typed: string): string => {
  const words = questionOf(typed).match(/[\p{L}\p{N}]+/gu) ?? []
  return `${words.filter((word) => word !== "OR").join(" OR ")} ${filtersOf(typed)}`.trim()
}

/** The ids that words find, best first. */
const byWords = (
  typed: string,
  context: Search.Options
): Effect.Effect<ReadonlyArray<number>, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    const { page } = yield* Search.select(typed, undefined, context)
    const library = yield* Library
    const rows = yield* library.read(page({ total: MIXED, limit: MIXED, offset: 0 }))
    return rows.map((row) => Column.number(row, "id") ?? 0)
  })

const share = (rank: number | undefined): number => (rank === undefined ? 0 : 1 / (SOFTENING + rank))

/**
 * Files that a question means: those nearest to its vector, mixed with those that have its words by reciprocal rank. `reason` says of
 * each where it stood.
 *
 * @param vector of {@link questionOf} what was typed, by the model of the library's vectors
 */
export const search = (
  vector: Float32Array,
  model: string,
  typed: string,
  { hint, limit = 20, offset = 0, ...context }: Likeness.Options
): Effect.Effect<Result, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    const { near } = yield* Likeness.nearest(vector, model, filtersOf(typed), { ...context, hint, limit: MIXED })
    const words = yield* byWords(wordsOf(typed), context)
    const reasons = new Map<number, Reason>()
    near.forEach(({ mediaId }, n) => reasons.set(mediaId, { meaning: n + 1 }))
    words.forEach((mediaId, n) => reasons.set(mediaId, { ...reasons.get(mediaId), words: n + 1 }))
    const ranked = [...reasons]
      .map(([mediaId, reason]) => ({ mediaId, reason, score: share(reason.meaning) + share(reason.words) }))
      .sort((a, b) => b.score - a.score || a.mediaId - b.mediaId)
      .slice(offset, offset + limit)
    const hits = ranked.map(({ mediaId, score }) => ({ mediaId, score: Math.round(1e4 * score) / 1e4 }))
    const found = yield* Search.present(hits, wordsOf(typed), context)
    return {
      total: reasons.size,
      ranked: undefined,
      hints: [],
      found: found.map((one) => ({ ...one, reason: reasons.get(one.mediaId) ?? {} }))
    }
  })
