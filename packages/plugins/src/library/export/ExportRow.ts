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

/** One content, as SQLite wrote it: its lists are JSON already, and most formats only hand them on. */
export interface ExportRow {
  readonly contentHash: string
  /** Absolute; a RawPath. */
  readonly path: string
  readonly missing: boolean
  /** Of a stage's file where one was asked for: absolute or relative to the state folder. */
  readonly artifact: string | undefined
  /** Its row of the table `media`: as a JSON object in `json`, or by column. */
  readonly media: Row
  /** JSON array of {@link ExportedCaption}, and how many they are. */
  readonly captionsJson: string
  readonly captions: number
  /** JSON array of {@link ExportedTag}, and how many they are. */
  readonly tagsJson: string
  readonly tags: number
}

/** How a format takes the columns of the table `media`. */
export type MediaForm = "json" | "columns"

/** An {@link ExportedMedia} on one line. */
export const jsonOf = ({ captionsJson, media, tagsJson }: ExportRow): string =>
  `${String(media["json"]).slice(0, -1)},"captions":${captionsJson},"tags":${tagsJson}}`

export const parse = (row: ExportRow): ExportedMedia => JSON.parse(jsonOf(row))

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

/** Rows of a table as one JSON array, in their order. */
const arrayOf = (columns: string): string => {
  const fields = columns.split(" ").map((name) => `'${name}', ${name}`)
  return `json_group_array(json_object(${fields.join(", ")}) ORDER BY pipeline, node, start_seconds IS NOT NULL, start_seconds, id)`
}

const CAPTION = arrayOf("pipeline node kind text model provider language start_seconds end_seconds")
const TAG = arrayOf("pipeline node vocabulary vocabulary_version label raw confidence evidence start_seconds end_seconds model")

/** Rows of a table by the media that they belong to, and how many they are. */
const listed = (table: string, array: string): string =>
  `SELECT media_id, ${array} AS list, count(*) AS count FROM ${table} WHERE media_id IN (SELECT value FROM json_each(?)) GROUP BY media_id`

const CAPTIONS = listed("caption", CAPTION)
const TAGS = listed("tag", TAG)

/** How many media are read at once. */
const PAGE = 250

const byMedia = (rows: ReadonlyArray<Row>): ReadonlyMap<Row[string], Row> =>
  new Map(rows.map((row) => [row["media_id"] ?? 0, row]))

const rowOf = (media: Row, captions: Row | undefined, tags: Row | undefined): ExportRow => ({
  contentHash: String(media["content_hash"]),
  path: media["raw_path"] instanceof Uint8Array ? RawPath.fromBytes(media["raw_path"]) : "",
  missing: media["missing"] === 1,
  artifact: typeof media["artifact"] === "string" ? media["artifact"] : undefined,
  media,
  captionsJson: captions === undefined ? "[]" : String(captions["list"]),
  captions: Number(captions?.["count"] ?? 0),
  tagsJson: tags === undefined ? "[]" : String(tags["list"]),
  tags: Number(tags?.["count"] ?? 0)
})

/** What fits a query, and in which order. */
interface Selection {
  readonly where: Part
  readonly order: string | undefined
}

/** Ids of what fits, in the order of the export. SQLite gives them as one text: a million of them are 8 MB. */
const idsOf = ({ order, where }: Selection) =>
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

/** Something for each page of what fits a query. */
const paged = <A>(
  selection: Selection,
  page: (ids: ReadonlyArray<number>) => Effect.Effect<A, LibraryError, Library>
): Stream.Stream<A, LibraryError, Library> =>
  Stream.unwrap(
    Effect.map(idsOf(selection), (ids) =>
      Stream.range(0, Math.max(0, Math.ceil(ids.length / PAGE) - 1)).pipe(
        Stream.mapEffect((n) => page([...ids.subarray(n * PAGE, (n + 1) * PAGE)]))
      )
    )
  )

const objectOf = (columns: ReadonlyArray<MediaColumn>): string => columns.map(({ name }) => `'${name}', media.${name}`).join(", ")

/**
 * What fits a query, a page at a time.
 *
 * @param files the node whose files are wanted in place of the originals
 */
export const pages = (
  selection: Selection,
  form: MediaForm,
  files: string | undefined
): Stream.Stream<ReadonlyArray<ExportRow>, LibraryError, Library> =>
  Stream.unwrap(
    Effect.map(mediaColumns, (columns) => {
      const artifact =
        files === undefined
          ? "NULL"
          : "(SELECT json_extract(json, '$.file.path') FROM result WHERE media_id = media.id AND node = ? LIMIT 1)"
      const taken =
        form === "json" ? `media.id AS id, content_hash, missing, json_object(${objectOf(columns)}) AS json` : "media.*"
      const sql = `SELECT ${taken}, CAST(path AS BLOB) AS raw_path, ${artifact} AS artifact
        FROM media WHERE id IN (SELECT value FROM json_each(?))`
      return paged(selection, (ids) =>
        Effect.gen(function* () {
          const asked = JSON.stringify(ids)
          const media = yield* read(sql, ...(files === undefined ? [] : [files]), asked)
          const captions = byMedia(yield* read(CAPTIONS, asked))
          const tags = byMedia(yield* read(TAGS, asked))
          const byId = new Map(media.map((row) => [row["id"], row]))
          return ids.flatMap((id) => {
            const row = byId.get(id)
            return row === undefined ? [] : [rowOf(row, captions.get(id), tags.get(id))]
          })
        })
      )
    })
  )

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
export const lines = (selection: Selection): Stream.Stream<ExportLines, LibraryError, Library> =>
  Stream.unwrap(
    Effect.map(mediaColumns, (columns) => {
      const list = (table: string, array: string) => `(SELECT ${array} FROM ${table} WHERE media_id = media.id)`
      const counted = (table: string) => `(SELECT count(*) FROM ${table} WHERE media_id IN (SELECT id FROM asked))`
      // The lists are put into the object as text: as JSON they would be read and written once more. LIMIT keeps each made once.
      const sql = `WITH asked AS MATERIALIZED (SELECT key AS place, value AS id FROM json_each(?))
        SELECT CAST(group_concat(substr(object, 1, length(object) - 1) || ',"captions":' || captions || ',"tags":' || tags || '}' || char(10), '')
            AS BLOB) AS lines,
          group_concat(content_hash, '') AS contents, count(*) AS media, ${counted("caption")} AS captions, ${counted("tag")} AS tags
        FROM (
          SELECT content_hash, json_object(${objectOf(columns)}) AS object, ${list("caption", CAPTION)} AS captions, ${list("tag", TAG)} AS tags
          FROM asked CROSS JOIN media ON media.id = asked.id ORDER BY place LIMIT -1 OFFSET 0
        )`
      return paged(selection, (ids) =>
        Effect.map(read(sql, JSON.stringify(ids)), ([row]): ExportLines => {
          const lines = row?.["lines"]
          return {
            lines: lines instanceof Uint8Array ? lines : new Uint8Array(),
            contents: String(row?.["contents"] ?? ""),
            media: Number(row?.["media"] ?? 0),
            captions: Number(row?.["captions"] ?? 0),
            tags: Number(row?.["tags"] ?? 0)
          }
        })
      )
    })
  )
