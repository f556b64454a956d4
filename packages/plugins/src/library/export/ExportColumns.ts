import type { Library, LibraryError, Row } from "@mediaspool/core"
import { Effect, Ref, Stream } from "effect"
import { isUtf8 } from "node:buffer"
import { ASKED, counted, type ExportSelection, paged, readPage } from "./ExportSelection.js"
import * as MediaColumn from "./MediaColumn.js"
import * as MediaList from "./MediaList.js"
import * as SameValues from "./SameValues.js"

/** How many media are read at once: what is in memory at a time. */
const PAGE = 2_500

/** The values of a column, one for each row. */
export type Values = ReadonlyArray<unknown>

/** A page of rows, a column at a time. */
export interface ExportColumns {
  /**
   * By the name of a column of `media`, or `captions` and `tags`. Those of {@link BYTES} are UTF-8. A column that has one value in every
   * row is the same array in each page of as many rows.
   */
  readonly values: ReadonlyMap<string, Values>
  /** The contents' hashes, one after the other; UTF-8. */
  readonly contents: Uint8Array
  readonly media: number
  readonly captions: number
  readonly tags: number
}

/** Lists, as JSON. */
const LISTS = ["captions", "tags"]

/** Texts that differ in every row: they come as bytes, and are never strings here. */
export const BYTES: ReadonlyArray<string> = ["content_hash", "path", ...LISTS]

const arrayOf = (json: unknown): Values => JSON.parse(String(json))

const bytesOf = (bytes: Row[string] | undefined): Uint8Array => (bytes instanceof Uint8Array ? bytes : new Uint8Array())

/** Texts that lie one after the other in UTF-8, as views of it. */
const textsOf = (bytes: Uint8Array, lengths: Row[string] | undefined): Values => {
  const isText = isUtf8(bytes)
  let end = 0
  return arrayOf(lengths).map((length) => {
    const text = bytes.subarray(end, (end += Number(length)))
    return isText ? text : Buffer.from(Buffer.from(text).toString("utf8"))
  })
}

/** A column as one value: its texts one after the other, and how long each is, or all values as a JSON array. */
const gathered = (name: string): string =>
  BYTES.includes(name)
    ? `CAST(group_concat(${name}, '') AS BLOB) AS ${name}, json_group_array(octet_length(${name})) AS ${name}_bytes`
    : `json_group_array(${name}) AS ${name}`

const statementOf = (names: ReadonlyArray<string>, same: SameValues.SameValues): string =>
  `WITH ${ASKED}
   SELECT ${names
     .filter((name) => !same.has(name))
     .map(gathered)
     .join(", ")}, ${SameValues.others(same)} AS others,
     count(*) AS rows, ${counted("caption")} AS captions_count, ${counted("tag")} AS tags_count
   FROM (
     SELECT media.*, ${MediaList.listOf(MediaList.CAPTIONS)} AS captions, ${MediaList.listOf(MediaList.TAGS)} AS tags
     FROM asked CROSS JOIN media ON media.id = asked.id ORDER BY place LIMIT -1 OFFSET 0
   )`

/**
 * What fits a query, for formats that write by the column. SQLite gathers each column into one value, so that there is neither an
 * object by row nor a text by cell of the long ones; and columns that have one value in a whole page, as the many that are empty, are
 * only looked through for another one in the pages that follow.
 */
export const pages = (selection: ExportSelection): Stream.Stream<ExportColumns, LibraryError, Library> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const columns = yield* MediaColumn.all
      const names = [...columns.map(({ name }) => name), ...LISTS]
      const known = yield* Ref.make<SameValues.SameValues | undefined>(undefined)
      const filled = SameValues.filler()

      const valuesOf = (row: Row, same: SameValues.SameValues): ReadonlyMap<string, Values> =>
        new Map(
          names.map((name) => {
            const value = same.get(name)
            if (value !== undefined) return [name, filled(name, value, Number(row["rows"]))]
            return [name, BYTES.includes(name) ? textsOf(bytesOf(row[name]), row[`${name}_bytes`]) : arrayOf(row[name])]
          })
        )

      const read = (ids: ReadonlyArray<number>, same: SameValues.SameValues) =>
        Effect.map(readPage(statementOf(names, same), ids, [...same.values()]), (row) => ({
          isWhole: !(Number(row["others"]) > 0),
          values: valuesOf(row, same),
          page: {
            contents: bytesOf(row["content_hash"]),
            media: Number(row["rows"]),
            captions: Number(row["captions_count"]),
            tags: Number(row["tags_count"])
          }
        }))

      return paged(selection, PAGE, (ids) =>
        Effect.gen(function* () {
          const same = yield* Ref.get(known)
          const first = yield* read(ids, same ?? SameValues.none)
          const { page, values } = first.isWhole ? first : yield* read(ids, SameValues.none)
          if (same === undefined) yield* Ref.set(known, SameValues.of(values))
          else if (!first.isWhole) yield* Ref.set(known, SameValues.still(same, values))
          return { ...page, values }
        })
      )
    })
  )
