import { Library, type LibraryError, type Row } from "@mediaspool/core"
import { Effect, Stream } from "effect"
import type { Part } from "../SqlPart.js"

/** What fits a query, and in which order. */
export interface ExportSelection {
  readonly where: Part
  readonly order: string | undefined
}

/** Ids in the order of the export. SQLite gives them as one text: a million of them are 8 MB. */
const idsOf = ({ order, where }: ExportSelection) =>
  Effect.map(
    Effect.flatMap(Library, (library) =>
      library.read({
        sql: `SELECT json_group_array(id) AS ids FROM (SELECT media.id AS id FROM media WHERE ${where.sql} ORDER BY ${order ?? "media.id"})`,
        values: where.values
      })
    ),
    ([row]) => {
      const ids: ReadonlyArray<number> = JSON.parse(String(row?.["ids"] ?? "[]"))
      return Float64Array.from(ids)
    }
  )

/**
 * What is read for each page of what fits.
 *
 * @param size how many media a page has
 * @param page is given their ids, also when there is none
 */
export const paged = <A>(
  selection: ExportSelection,
  size: number,
  page: (ids: ReadonlyArray<number>) => Effect.Effect<A, LibraryError, Library>
): Stream.Stream<A, LibraryError, Library> =>
  Stream.unwrap(
    Effect.map(idsOf(selection), (ids) =>
      Stream.range(0, Math.max(0, Math.ceil(ids.length / size) - 1)).pipe(
        Stream.mapEffect((n) => page([...ids.subarray(n * size, (n + 1) * size)]))
      )
    )
  )

/** The ids that are asked for, as JSON, in their order: SQLite reads them in the order of `place` without sorting. */
export const ASKED = "asked AS NOT MATERIALIZED (SELECT rowid AS place, value AS id FROM json_each(?))"

/** How many rows of a table belong to the media that are asked for. */
export const counted = (table: string): string => `(SELECT count(*) FROM asked CROSS JOIN ${table} ON media_id = asked.id)`

/**
 * The one row of a statement over the media that are asked for.
 *
 * @param values of what follows {@link ASKED}
 */
export const readPage = (
  sql: string,
  ids: ReadonlyArray<number>,
  values: ReadonlyArray<Row[string]> = []
): Effect.Effect<Row, LibraryError, Library> =>
  Effect.flatMap(Library, (library) =>
    Effect.map(library.read({ sql, values: [JSON.stringify(ids), ...values] }), ([row]) => row ?? {})
  )
