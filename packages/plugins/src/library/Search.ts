import { Library, type LibraryError, type Row } from "@mediaspool/core"
import { Array as Arr, Effect } from "effect"
import * as Column from "./Column.js"
import * as QuerySql from "./QuerySql.js"
import * as Query from "./Query.js"
import type { SearchError } from "./SearchError.js"
import * as Snippet from "./Snippet.js"
import type * as Tokenizer from "./Tokenizer.js"

/** Where in a file something was found. */
export interface Segment extends Snippet.Snippet {
  readonly pipeline: string
  readonly node: string
  readonly startSeconds: number
  readonly endSeconds: number
}

export interface FoundTag {
  readonly vocabulary: string
  readonly label: string
  readonly confidence: number | undefined
  readonly startSeconds: number | undefined
  readonly endSeconds: number | undefined
}

/** A file that fits. */
export interface Found {
  readonly mediaId: number
  /** Absolute; a RawPath. */
  readonly path: string
  /** Whether the file is not there any more. */
  readonly missing: boolean
  readonly mediaType: string
  readonly durationSeconds: number | undefined
  readonly title: string | undefined
  /** The higher, the better it fits; 0 when nothing was asked for that could fit better or worse. */
  readonly score: number
  /** From the caption that says most of it; absent without a caption. */
  readonly snippet: Snippet.Snippet | undefined
  /** The windows in which something was found, in order. */
  readonly segments: ReadonlyArray<Segment>
  /** Its tags, each once, or once a window. */
  readonly tags: ReadonlyArray<FoundTag>
}

export interface Result {
  /** How many fit, shown or not. */
  readonly total: number
  readonly found: ReadonlyArray<Found>
}

export interface Options {
  /** Default 20. */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** How much a word counts in name, title, caption, tag and other text. */
const WEIGHTS = "4, 4, 1, 3, 1"

const read = (sql: string, values: ReadonlyArray<string | number>) =>
  Effect.flatMap(Library, (library) => library.read({ sql, values }))

/** Vocabularies of the tags in the library: a skip from one to the next, not a scan. */
const vocabularies = Effect.map(
  read(
    `WITH RECURSIVE next (name) AS (
      SELECT min(vocabulary) FROM tag
      UNION ALL SELECT (SELECT min(vocabulary) FROM tag WHERE vocabulary > name) FROM next WHERE name IS NOT NULL
    ) SELECT name FROM next WHERE name IS NOT NULL`,
    []
  ),
  (rows) => rows.flatMap((row) => Column.text(row, "name") ?? [])
)

const hits = ({ match, where }: QuerySql.Conditions, { limit = 20, offset = 0 }: Options) => {
  const columns = `media.id, CAST(media.path AS BLOB) AS path, missing, media_type, duration_seconds, media.title, count(*) OVER () AS total`
  const condition = where === undefined ? "1" : where.sql
  const values = (where?.values ?? []).map((value) => (typeof value === "number" ? value : String(value)))
  return match === undefined
    ? read(`SELECT ${columns}, 0 AS score FROM media WHERE ${condition} ORDER BY media.path LIMIT ? OFFSET ?`, [
        ...values,
        limit,
        offset
      ])
    : read(
        `SELECT ${columns}, -hit.rank AS score
         FROM (SELECT rowid AS id, bm25(search, ${WEIGHTS}) AS rank FROM search WHERE search MATCH ?) hit JOIN media USING (id)
         WHERE ${condition} ORDER BY hit.rank, media.path LIMIT ? OFFSET ?`,
        [match, ...values, limit, offset]
      )
}

const captions = (ids: string) =>
  read(
    `SELECT media_id, pipeline, node, text, start_seconds, end_seconds FROM caption
     WHERE media_id IN (SELECT value FROM json_each(?)) ORDER BY kind = 'CleanCaption' DESC, start_seconds IS NOT NULL, start_seconds, id`,
    [ids]
  )

const tags = (ids: string) =>
  read(
    `SELECT media_id, vocabulary, label, max(confidence) AS confidence, start_seconds, end_seconds FROM tag
     WHERE media_id IN (SELECT value FROM json_each(?))
     GROUP BY media_id, vocabulary, label, start_seconds, end_seconds ORDER BY vocabulary, start_seconds, min(id)`,
    [ids]
  )

const segments = (rows: ReadonlyArray<Row>, phrases: ReadonlyArray<Tokenizer.Phrase>): ReadonlyArray<Segment> =>
  rows.flatMap((row) => {
    const startSeconds = Column.number(row, "start_seconds")
    const text = Column.text(row, "text") ?? ""
    if (startSeconds === undefined || Snippet.marksOf(text, phrases).phrases === 0) return []
    return [
      {
        ...Snippet.cut(text, phrases),
        pipeline: Column.text(row, "pipeline") ?? "",
        node: Column.text(row, "node") ?? "",
        startSeconds,
        endSeconds: Column.number(row, "end_seconds") ?? startSeconds
      }
    ]
  })

/** The caption with most of the words; of equals the first. */
const snippet = (rows: ReadonlyArray<Row>, phrases: ReadonlyArray<Tokenizer.Phrase>): Snippet.Snippet | undefined => {
  const texts = rows.map((row) => Column.text(row, "text") ?? "")
  const best = texts.reduce<{ text: string; phrases: number } | undefined>((best, text) => {
    const found = Snippet.marksOf(text, phrases).phrases
    return best === undefined || found > best.phrases ? { text, phrases: found } : best
  }, undefined)
  return best && Snippet.cut(best.text, phrases)
}

const tagOf = (row: Row): FoundTag => ({
  vocabulary: Column.text(row, "vocabulary") ?? "",
  label: Column.text(row, "label") ?? "",
  confidence: Column.number(row, "confidence"),
  startSeconds: Column.number(row, "start_seconds"),
  endSeconds: Column.number(row, "end_seconds")
})

/**
 * Finds files by what their captions, tags, names and measurements say; see {@link Query.parse} for what may be typed.
 *
 * @example Search.search('"heavy rain" emotion:calm duration:>60', { limit: 5 })
 */
export const search = (typed: string, options: Options = {}): Effect.Effect<Result, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    const query = yield* Query.parse(typed)
    const named = query.some((group) => group.some(({ condition }) => condition._tag === "Field"))
    const conditions = yield* QuerySql.of(query, named ? yield* vocabularies : [])
    const rows = yield* hits(conditions, options)
    const ids = JSON.stringify(rows.map((row) => Column.number(row, "id")))
    const phrases = Query.phrases(query)
    const said = Arr.groupBy(yield* captions(ids), (row) => String(row["media_id"]))
    const labels = Arr.groupBy(yield* tags(ids), (row) => String(row["media_id"]))
    const found = rows.map((row): Found => {
      const mediaId = Column.number(row, "id") ?? 0
      const about = said[mediaId] ?? []
      return {
        mediaId,
        path: Column.path(row, "path"),
        missing: Column.number(row, "missing") === 1,
        mediaType: Column.text(row, "media_type") ?? "",
        durationSeconds: Column.number(row, "duration_seconds"),
        title: Column.text(row, "title"),
        score: Math.round((Column.number(row, "score") ?? 0) * 1000) / 1000,
        snippet: snippet(about, phrases),
        segments: segments(about, phrases),
        tags: (labels[mediaId] ?? []).map(tagOf)
      }
    })
    return { total: Column.number(rows[0] ?? {}, "total") ?? 0, found }
  })
