import { Column, Library, type LibraryError, type Row, SearchText, type Value } from "@mediaspool/core"
import { Array as Arr, Effect } from "effect"
import * as Query from "./Query.js"
import * as Snippet from "./Snippet.js"
import * as Tokenizer from "./Tokenizer.js"

/** Where in a file something was found. */
export interface Segment extends Snippet.Snippet {
  readonly pipeline: string
  readonly node: string
  readonly startSeconds: number
  readonly endSeconds: number
}

/** A label of a file; seconds from its start, `undefined` for the whole. */
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
  /** Absolute; a RawPath. Of several files with this content the one that fits best. */
  readonly path: string
  /** The others. */
  readonly copies: ReadonlyArray<string>
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

export type Phrases = ReadonlyArray<Tokenizer.Phrase>

const read = (sql: string, values: ReadonlyArray<Value>) => Effect.flatMap(Library, (library) => library.read({ sql, values }))

const files = (ids: string) =>
  read(
    `SELECT id, content_hash, CAST(path AS BLOB) AS path, missing, media_type, duration_seconds, title FROM media
     WHERE id IN (SELECT value FROM json_each(?))`,
    [ids]
  )

/** Places of the files that are there, by content. */
const places = (ids: string) =>
  read(
    `SELECT content_hash, path FROM item WHERE gone_at = 0
     AND content_hash IN (SELECT content_hash FROM media WHERE id IN (SELECT value FROM json_each(?))) ORDER BY id`,
    [ids]
  )

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

/** The part around the words that were looked for, of the text with most of them; of equals the first. */
export const snippet = (texts: ReadonlyArray<string>, phrases: Phrases, length?: number): Snippet.Snippet | undefined => {
  const best = texts.reduce<{ text: string; phrases: number } | undefined>((best, text) => {
    const found = Snippet.marksOf(text, phrases).phrases
    return best === undefined || found > best.phrases ? { text, phrases: found } : best
  }, undefined)
  return best && Snippet.cut(best.text, phrases, length)
}

const tagOf = (row: Row): FoundTag => ({
  vocabulary: Column.text(row, "vocabulary") ?? "",
  label: Column.text(row, "label") ?? "",
  confidence: Column.number(row, "confidence"),
  startSeconds: Column.number(row, "start_seconds"),
  endSeconds: Column.number(row, "end_seconds")
})

/** How well a path fits the words and the paths of a query: of a content's copies the best is shown. */
const fitOf = (path: string, { phrases, paths }: Named): number => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  const tokens = [Tokenizer.tokens(name), Tokenizer.tokens(SearchText.parts(name))]
  const words = phrases.filter((phrase) => tokens.some((of) => Tokenizer.find(phrase, of).length > 0)).length
  return words + paths.filter((part) => SearchText.fold(path).includes(part)).length
}

interface Named {
  readonly phrases: ReadonlyArray<Tokenizer.Phrase>
  /** Folded. */
  readonly paths: ReadonlyArray<string>
}

const pathsOf = ({ groups }: Pick<Query.Query, "groups">): ReadonlyArray<string> =>
  groups
    .flat()
    .flatMap(({ condition, excluded }) =>
      excluded
        ? []
        : condition._tag === "Value" && condition.field === "path"
          ? [SearchText.fold(condition.value)]
          : condition._tag === "Saved"
            ? pathsOf(condition)
            : []
    )

/** A file that fits, and how well. */
export interface Hit {
  readonly mediaId: number
  readonly score: number
}

/** What the library has of some files, in their order. */
export const complete = (
  hits: ReadonlyArray<Hit>,
  query: Query.Query
): Effect.Effect<ReadonlyArray<Found>, LibraryError, Library> =>
  Effect.gen(function* () {
    const ids = JSON.stringify(hits.map(({ mediaId }) => mediaId))
    const phrases = Query.phrases(query)
    const named = { phrases, paths: pathsOf(query) }
    const rows = new Map((yield* files(ids)).map((row) => [Column.number(row, "id"), row]))
    const copies = Arr.groupBy(yield* places(ids), (row) => String(row["content_hash"]))
    const said = Arr.groupBy(yield* captions(ids), (row) => String(row["media_id"]))
    const tagged = Arr.groupBy(yield* tags(ids), (row) => String(row["media_id"]))
    return hits.flatMap(({ mediaId, score }): ReadonlyArray<Found> => {
      const row = rows.get(mediaId)
      if (row === undefined) return []
      const about = said[mediaId] ?? []
      const own = Column.path(row, "path")
      const all = [own, ...(copies[String(row["content_hash"])] ?? []).map((copy) => Column.path(copy, "path"))]
      const best = all.length < 3 && all[1] === own ? own : all.reduce((a, b) => (fitOf(b, named) > fitOf(a, named) ? b : a))
      return [
        {
          mediaId,
          path: best,
          copies: [...new Set(all)].filter((path) => path !== best && (path !== own || all.indexOf(own, 1) > 0)),
          missing: Column.number(row, "missing") === 1,
          mediaType: Column.text(row, "media_type") ?? "",
          durationSeconds: Column.number(row, "duration_seconds"),
          title: Column.text(row, "title"),
          score,
          snippet: snippet(
            about.map((caption) => Column.text(caption, "text") ?? ""),
            phrases
          ),
          segments: segments(about, phrases),
          tags: (tagged[mediaId] ?? []).map(tagOf)
        }
      ]
    })
  })
