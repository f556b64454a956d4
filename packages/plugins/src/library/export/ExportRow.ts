import { Library, type LibraryError, RawPath, type Row } from "@mediaspool/core"
import { Effect, Stream } from "effect"
import { type ExportSelection, paged } from "./ExportSelection.js"
import * as MediaColumn from "./MediaColumn.js"
import * as MediaList from "./MediaList.js"

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

/** How many media are read at once. */
const PAGE = 250

const CAPTION_LISTS = MediaList.listsOf(MediaList.CAPTIONS)
const TAG_LISTS = MediaList.listsOf(MediaList.TAGS)

const read = (sql: string, ...values: ReadonlyArray<string | number>) =>
  Effect.flatMap(Library, (library) => library.read({ sql, values }))

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

/**
 * What fits a query, a page at a time.
 *
 * @param files the node whose files are wanted in place of the originals
 */
export const pages = (
  selection: ExportSelection,
  form: MediaForm,
  files: string | undefined
): Stream.Stream<ReadonlyArray<ExportRow>, LibraryError, Library> =>
  Stream.unwrap(
    Effect.map(MediaColumn.all, (columns) => {
      const artifact =
        files === undefined
          ? "NULL"
          : "(SELECT json_extract(json, '$.file.path') FROM result WHERE media_id = media.id AND node = ? LIMIT 1)"
      const taken =
        form === "json"
          ? `media.id AS id, content_hash, missing, json_object(${MediaColumn.objectOf(columns)}) AS json`
          : "media.*"
      const sql = `SELECT ${taken}, CAST(path AS BLOB) AS raw_path, ${artifact} AS artifact
        FROM media WHERE id IN (SELECT value FROM json_each(?))`
      return paged(selection, PAGE, (ids) =>
        Effect.gen(function* () {
          const asked = JSON.stringify(ids)
          const media = yield* read(sql, ...(files === undefined ? [] : [files]), asked)
          const captions = byMedia(yield* read(CAPTION_LISTS, asked))
          const tags = byMedia(yield* read(TAG_LISTS, asked))
          const byId = new Map(media.map((row) => [row["id"], row]))
          return ids.flatMap((id) => {
            const row = byId.get(id)
            return row === undefined ? [] : [rowOf(row, captions.get(id), tags.get(id))]
          })
        })
      )
    })
  )
