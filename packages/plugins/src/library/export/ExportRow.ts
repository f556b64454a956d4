import { Library, type LibraryError, RawPath, type Row } from "@mediaspool/core"
import { Effect, Stream } from "effect"
import type { Part } from "../SqlPart.js"

/** A caption as it is exported; null bounds stand for the whole file. */
export interface ExportedCaption {
  readonly pipeline: string
  readonly node: string
  readonly kind: string
  readonly text: string
  readonly model: string
  readonly provider: string
  readonly language: string | null
  readonly start_seconds: number | null
  readonly end_seconds: number | null
}

export interface ExportedTag {
  readonly pipeline: string
  readonly node: string
  readonly vocabulary: string
  readonly vocabulary_version: string | null
  readonly label: string
  readonly raw: string
  readonly confidence: number | null
  readonly evidence: string | null
  readonly start_seconds: number | null
  readonly end_seconds: number | null
  readonly model: string
}

/** A row of `media` with its captions and tags. */
export interface ExportedMedia {
  readonly id: number
  readonly content_hash: string
  readonly path: string
  readonly duration_seconds: number | null
  readonly captions: ReadonlyArray<ExportedCaption>
  readonly tags: ReadonlyArray<ExportedTag>
  readonly [column: string]: unknown
}

/** One content, as SQLite wrote it. */
export interface ExportRow {
  /** An {@link ExportedMedia} on one line. */
  readonly json: string
  readonly contentHash: string
  /** Absolute; a RawPath. */
  readonly path: string
  readonly missing: boolean
  /** Of a stage's file where one was asked for: absolute or relative to the state folder. */
  readonly artifact: string | undefined
  readonly captions: number
  readonly tags: number
}

export const parse = ({ json }: ExportRow): ExportedMedia => JSON.parse(json)

/** A column of the `media` table. */
export interface MediaColumn {
  readonly name: string
  readonly type: "TEXT" | "INTEGER" | "REAL"
}

const read = (sql: string, ...values: ReadonlyArray<string | number>) =>
  Effect.flatMap(Library, (library) => library.read({ sql, values }))

const typeOf = (type: unknown): MediaColumn["type"] => (type === "INTEGER" ? "INTEGER" : type === "REAL" ? "REAL" : "TEXT")

/** The columns of the `media` table, in its order. */
export const mediaColumns: Effect.Effect<ReadonlyArray<MediaColumn>, LibraryError, Library> = Effect.map(
  read("SELECT name, type FROM pragma_table_info('media')"),
  (rows) => rows.map(({ name, type }) => ({ name: String(name), type: typeOf(type) }))
)

const list = (table: string, columns: string): string => {
  const fields = columns.split(" ").map((name) => `'${name}', ${name}`)
  return `(SELECT json_group_array(json_object(${fields.join(", ")})) FROM (
    SELECT * FROM ${table} WHERE media_id = media.id ORDER BY pipeline, node, start_seconds IS NOT NULL, start_seconds, id))`
}

const captions = list("caption", "pipeline node kind text model provider language start_seconds end_seconds")
const tags = list(
  "tag",
  "pipeline node vocabulary vocabulary_version label raw confidence evidence start_seconds end_seconds model"
)

/** How many rows are read at once. */
const PAGE = 500

const rowOf = (row: Row): ExportRow => ({
  json: String(row["json"]),
  contentHash: String(row["content_hash"]),
  path: row["raw_path"] instanceof Uint8Array ? RawPath.fromBytes(row["raw_path"]) : "",
  missing: row["missing"] === 1,
  artifact: typeof row["artifact"] === "string" ? row["artifact"] : undefined,
  captions: Number(row["captions"]),
  tags: Number(row["tags"])
})

/** Ids of what fits, in the order of the export. SQLite gives them as one text: a million of them are 8 MB. */
const idsOf = ({ order, where }: { readonly where: Part; readonly order: string | undefined }) =>
  Effect.map(
    Effect.flatMap(Library, (library) =>
      library.read({
        sql: `SELECT json_group_array(id) AS ids FROM (SELECT media.id AS id FROM media WHERE ${where.sql} ORDER BY ${order ?? "media.id"})`,
        values: where.values
      })
    ),
    ([row]): ReadonlyArray<number> => JSON.parse(String(row?.["ids"] ?? "[]"))
  )

/**
 * What fits a query, a page at a time.
 *
 * @param files the node whose files are wanted in place of the originals
 */
export const pages = (
  selection: { readonly where: Part; readonly order: string | undefined },
  files: string | undefined
): Stream.Stream<ReadonlyArray<ExportRow>, LibraryError, Library> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const columns = yield* mediaColumns
      const ids = yield* idsOf(selection)
      const object = columns.map(({ name }) => `'${name}', media.${name}`).join(", ")
      const sql = `SELECT media.id AS id, content_hash, missing, CAST(path AS BLOB) AS raw_path,
        json_object(${object}, 'captions', json(${captions}), 'tags', json(${tags})) AS json,
        (SELECT count(*) FROM caption WHERE media_id = media.id) AS captions,
        (SELECT count(*) FROM tag WHERE media_id = media.id) AS tags,
        ${files === undefined ? "NULL" : "(SELECT json_extract(json, '$.file.path') FROM result WHERE media_id = media.id AND node = ? LIMIT 1)"} AS artifact
        FROM media WHERE id IN (SELECT value FROM json_each(?))`
      const page = (from: number) =>
        Effect.map(read(sql, ...(files === undefined ? [] : [files]), JSON.stringify(ids.slice(from, from + PAGE))), (rows) => {
          if (selection.order === undefined) return rows.map(rowOf)
          const byId = new Map(rows.map((row) => [Number(row["id"]), row]))
          return ids.slice(from, from + PAGE).flatMap((id) => {
            const row = byId.get(id)
            return row === undefined ? [] : [rowOf(row)]
          })
        })
      return Stream.range(0, Math.max(0, Math.ceil(ids.length / PAGE) - 1)).pipe(Stream.mapEffect((n) => page(n * PAGE)))
    })
  )
