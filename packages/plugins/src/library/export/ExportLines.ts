import type { Library, LibraryError } from "@mediaspool/core"
import { Effect, Stream } from "effect"
import { isUtf8 } from "node:buffer"
import { ASKED, counted, type ExportSelection, paged, readPage } from "./ExportSelection.js"
import * as MediaColumn from "./MediaColumn.js"
import * as MediaList from "./MediaList.js"

/** How many media are read at once. */
const PAGE = 250

/** A path may have bytes that are no UTF-8, and JSON may not. */
const valid = (bytes: Uint8Array): Uint8Array => (isUtf8(bytes) ? bytes : Buffer.from(Buffer.from(bytes).toString("utf8")))

/** A page of rows, each an {@link ExportedMedia} on a line. */
export interface ExportLines {
  /** UTF-8 */
  readonly lines: Uint8Array
  /** The contents' hashes, one after the other. */
  readonly contents: string
  readonly media: number
  readonly captions: number
  readonly tags: number
}

/** What fits a query, as lines that SQLite puts together: no row of them is ever a value here. */
export const pages = (selection: ExportSelection): Stream.Stream<ExportLines, LibraryError, Library> =>
  Stream.unwrap(
    Effect.map(MediaColumn.all, (columns) => {
      // LIMIT keeps each object made once, and the lists go into it as they were written.
      const sql = `WITH ${ASKED}
        SELECT CAST(group_concat(object || char(10), '') AS BLOB) AS lines, group_concat(content_hash, '') AS contents,
          count(*) AS media, ${counted("caption")} AS captions, ${counted("tag")} AS tags
        FROM (
          SELECT content_hash,
            json_object(${MediaColumn.objectOf(columns)}, 'captions', ${MediaList.listOf(MediaList.CAPTIONS)}, 'tags', ${MediaList.listOf(MediaList.TAGS)}) AS object
          FROM asked CROSS JOIN media ON media.id = asked.id ORDER BY place LIMIT -1 OFFSET 0
        )`
      return paged(selection, PAGE, (ids) =>
        Effect.map(readPage(sql, ids), ({ captions, contents, lines, media, tags }): ExportLines => ({
          lines: lines instanceof Uint8Array ? valid(lines) : new Uint8Array(),
          contents: String(contents ?? ""),
          media: Number(media),
          captions: Number(captions),
          tags: Number(tags)
        }))
      )
    })
  )
