import type { Library, LibraryError, Row } from "@mediaspool/core"
import { Effect, Stream } from "effect"
import { isUtf8 } from "node:buffer"
import { ASKED, counted, type ExportSelection, paged, readPage } from "./ExportSelection.js"
import * as MediaColumn from "./MediaColumn.js"
import * as MediaList from "./MediaList.js"

/** How many media are read at once: what is in memory at a time. */
const PAGE = 2_500

/** The values of a column, one for each row. */
export type Values = ReadonlyArray<unknown>

/** A page of rows, a column at a time. */
export interface ExportColumns {
  /** By the name of a column of `media`, or `captions` and `tags`: JSON in UTF-8. */
  readonly values: ReadonlyMap<string, Values>
  /** The contents' hashes, one after the other. */
  readonly contents: string
  readonly media: number
  readonly captions: number
  readonly tags: number
}

const arrayOf = (json: unknown): Values => JSON.parse(String(json))

/** Texts that lie one after the other in UTF-8, as views of it. */
const textsOf = (bytes: Row[string] | undefined, lengths: Row[string] | undefined): Values => {
  if (!(bytes instanceof Uint8Array)) return []
  const isText = isUtf8(bytes)
  let end = 0
  return arrayOf(lengths).map((length) => {
    const text = bytes.subarray(end, (end += Number(length)))
    return isText ? text : Buffer.from(text).toString("utf8")
  })
}

/**
 * What fits a query, for formats that write by the column. SQLite gathers each column into one value, so that there is neither an
 * object by row nor a text by cell of the long ones.
 */
export const pages = (selection: ExportSelection): Stream.Stream<ExportColumns, LibraryError, Library> =>
  Stream.unwrap(
    Effect.map(MediaColumn.all, (columns) => {
      const gathered = columns.map(({ name }) => `json_group_array(${name}) AS ${name}`)
      const lists = ["captions", "tags"].map(
        (name) => `CAST(group_concat(${name}, '') AS BLOB) AS ${name}, json_group_array(octet_length(${name})) AS ${name}_bytes`
      )
      const sql = `WITH ${ASKED}
        SELECT ${[...gathered, ...lists].join(", ")}, group_concat(content_hash, '') AS contents,
          count(*) AS rows, ${counted("caption")} AS captions_count, ${counted("tag")} AS tags_count
        FROM (
          SELECT media.*, ${MediaList.listOf(MediaList.CAPTIONS)} AS captions, ${MediaList.listOf(MediaList.TAGS)} AS tags
          FROM asked CROSS JOIN media ON media.id = asked.id ORDER BY place LIMIT -1 OFFSET 0
        )`
      return paged(selection, PAGE, (ids) =>
        Effect.map(readPage(sql, ids), (row): ExportColumns => ({
          values: new Map([
            ...columns.map(({ name }) => [name, arrayOf(row[name])] as const),
            ...["captions", "tags"].map((name) => [name, textsOf(row[name], row[`${name}_bytes`])] as const)
          ]),
          contents: String(row["contents"] ?? ""),
          media: Number(row["rows"]),
          captions: Number(row["captions_count"]),
          tags: Number(row["tags_count"])
        }))
      )
    })
  )
