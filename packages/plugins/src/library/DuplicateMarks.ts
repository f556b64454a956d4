import { Column, Library, type LibraryError, type Row, type Statement } from "@mediaspool/core"
import { DateTime, Effect, Option, Schema } from "effect"

/** What a person decided about a file that is there twice: this one is kept, or it is a duplicate of one that is. */
export const Mark = Schema.Literal("keep", "duplicate")
export type Mark = typeof Mark.Type

/** A file, by its number in the table `item`, and its mark. */
export interface Marked {
  readonly item: number
  readonly mark: Mark | null
}

/** The marks of the files whose numbers are bound as a JSON array; what holds other content by now has none. */
const MARKS = `SELECT item.id AS item, mark FROM item JOIN duplicate_mark ON duplicate_mark.item = item.id
  AND duplicate_mark.content_hash = item.content_hash WHERE item.id IN (SELECT value FROM json_each(?))`

const decode = Schema.decodeUnknownOption(Mark)

/** The mark of a row with the column `mark`. */
export const markOf = (row: Row): Mark | null => Option.getOrNull(decode(row["mark"]))

/** The marks of these files, in their order. */
const of = (items: ReadonlyArray<number>): Effect.Effect<ReadonlyArray<Marked>, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const rows = yield* library.read({ sql: MARKS, values: [JSON.stringify(items)] })
    const known = new Map(rows.map((row) => [Column.number(row, "item"), markOf(row)]))
    return items.map((item) => ({ item, mark: known.get(item) ?? null }))
  })

const statement = ({ item, mark }: Marked, now: string): Statement =>
  mark === null
    ? { sql: "DELETE FROM duplicate_mark WHERE item = ?", values: [item] }
    : {
        sql: `INSERT INTO duplicate_mark (content_hash, item, mark, made_at)
          SELECT content_hash, id, ?, ? FROM item WHERE id = ? AND gone_at = 0 AND content_hash IS NOT NULL
          ON CONFLICT DO UPDATE SET mark = excluded.mark, made_at = excluded.made_at`,
        values: [mark, now, item]
      }

/** Marks files, all in one transaction; gives the marks from before, to take it back with. */
export const put = (marks: ReadonlyArray<Marked>): Effect.Effect<ReadonlyArray<Marked>, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const before = yield* of(marks.map(({ item }) => item))
    const now = DateTime.formatIso(yield* DateTime.now)
    yield* library.write(marks.map((marked) => statement(marked, now)))
    return before
  })
