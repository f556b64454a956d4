import { Column, Library, type LibraryError } from "@mediaspool/core"
import { Effect } from "effect"
import * as Agreement from "./Agreement.js"
import type { Trial } from "./CanaryDoubts.js"
import * as Word from "./Word.js"

/** How far a person's word, which stands, is what an edited node said before, and says now; 0 to 1, absent without a result. */
export interface Evidence {
  /** In stored form, as a result is. */
  readonly word: string
  readonly before: number | undefined
  readonly after: number | undefined
}

/** The mean over the files that people judged and that have a result before and after. */
export interface Total {
  readonly files: number
  readonly before: number
  readonly after: number
}

const STANDING = `SELECT item.id AS item, word, kind FROM correction JOIN item ON item.content_hash = correction.content_hash
WHERE pipeline = ? AND node = ? AND ended_at IS NULL AND verdict IN ('accepted', 'corrected')
  AND item.id IN (SELECT value FROM json_each(?))`

const stored = (kind: string | undefined, { segments, tags, text }: Omit<Word.Word, "kind">): string =>
  kind === "tags"
    ? JSON.stringify({ tags: tags.map(({ label }) => ({ label })) })
    : JSON.stringify({ text: text ?? segments.map((segment) => segment.text).join(" ") })

/** What people accepted or corrected of a node's words on some files, by the number in the table `item`; in stored form. */
export const words = (
  { node, pipeline }: Trial,
  items: ReadonlyArray<number>
): Effect.Effect<ReadonlyMap<number, string>, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const rows = yield* library.read({ sql: STANDING, values: [pipeline, node, JSON.stringify(items)] })
    return new Map(
      rows.map((row) => [Column.number(row, "item") ?? 0, stored(Column.text(row, "kind"), Word.ofRows(row["word"]))])
    )
  })

/** Holds a file's results before and after an edit against a person's word. */
export const compare = (word: string, { after, before }: Agreement.ResultPair): Evidence => {
  const agreement = (result: string | undefined) => (result === undefined ? undefined : Agreement.of(word, result))
  return { word, before: agreement(before), after: agreement(after) }
}

/** All of a sample together; `undefined` where nobody judged a file of it that can be compared. */
export const total = (all: ReadonlyArray<Evidence>): Total | undefined => {
  const known = all.flatMap(({ after, before }) => (before === undefined || after === undefined ? [] : [{ before, after }]))
  const mean = (of: "before" | "after") => known.reduce((sum, one) => sum + one[of], 0) / known.length
  return known.length === 0 ? undefined : { files: known.length, before: mean("before"), after: mean("after") }
}
