import { type Kind, RawPath, SearchText, type Statement, type Value } from "@mediaspool/core"
import {
  Acoustics,
  AudioFile,
  Caption,
  CleanCaption,
  Evidence,
  Probe,
  Quality,
  type SourceFile,
  Speech,
  Tags,
  Vector,
  VideoFile
} from "../kinds.js"
import * as ResultJson from "./ResultJson.js"
import * as VectorBytes from "./VectorBytes.js"
import * as MediaRow from "./MediaRow.js"

/** A value of any kind, with the node that gave it, and the words that its kind says it has. */
export interface Settled {
  readonly node: string
  readonly value: unknown
  readonly words?: Kind.Words | undefined
}

/** What a sink writes of one file. */
export interface MediaRecord {
  readonly source: SourceFile
  readonly settled: ReadonlyArray<Settled>
  readonly pipeline: string
  /** Nodes of earlier writes that are in the pipeline no longer: their rows go. */
  readonly stale: ReadonlyArray<string>
  /** ISO 8601 */
  readonly writtenAt: string
  /** Absolute. */
  readonly stateFolder: string | undefined
}

/** Where the rows of a node belong. */
interface Place {
  readonly hash: string
  readonly pipeline: string
  readonly node: string
}

const MEDIA = "(SELECT id FROM media WHERE content_hash = ?)"

/** One statement for all rows of a node: `rows` is read by `json_each`, as `value`. */
const insert = (table: string, columns: string, place: Place, rows: unknown): Statement => {
  const names = columns.split(" ")
  const values = names.map((name) => `json_extract(value, '$.${name}')`).join(", ")
  return {
    sql: `INSERT INTO ${table} (media_id, pipeline, node, ${names.join(", ")}) SELECT ${MEDIA}, ?, ?, ${values} FROM json_each(?)`,
    values: [place.hash, place.pipeline, place.node, JSON.stringify(rows)]
  }
}

const captionRows = (caption: Caption | CleanCaption) => {
  const { model, provider } = caption
  const language = caption instanceof CleanCaption ? caption.language : null
  const common = { kind: caption._tag, model, provider, language, omitted: null, changes: null }
  const whole = {
    ...common,
    text: caption.text,
    start_seconds: null,
    end_seconds: null,
    omitted: caption instanceof Caption && caption.omitted.length > 0 ? JSON.stringify(caption.omitted) : null,
    changes: caption instanceof CleanCaption && caption.changes.length > 0 ? JSON.stringify(caption.changes) : null
  }
  // A single window that says what the whole says adds nothing.
  const segments = caption.segments.length === 1 && caption.segments[0]?.text === caption.text ? [] : caption.segments
  return [
    whole,
    ...segments.map(({ endSeconds, startSeconds, text }) => ({
      ...common,
      text,
      start_seconds: startSeconds,
      end_seconds: endSeconds
    }))
  ]
}

/** Words of a kind of somebody's own, as captions. */
const wordRows = ({ node, value, words }: Settled) => {
  if (words === undefined) return []
  const segments = (words.segments ?? []).filter(({ text }) => text.trim() !== "")
  const text = words.searchText ?? segments.map(({ text }) => text).join("\n")
  if (text.trim() === "" && segments.length === 0) return []
  const common = {
    kind: ResultJson.kindOf(value),
    model: words.model ?? node,
    provider: words.provider ?? "local",
    language: words.language ?? null
  }
  return [
    { ...common, text, start_seconds: null, end_seconds: null },
    ...segments.map(({ endSeconds, startSeconds, text }) => ({
      ...common,
      text,
      start_seconds: startSeconds,
      end_seconds: endSeconds
    }))
  ]
}

const CAPTION_COLUMNS = "kind text model provider start_seconds end_seconds language omitted changes"

const tagRows = ({ model, provider, tags, vocabulary }: Tags) => {
  const [name = vocabulary, version = null] = vocabulary.split("@")
  return tags.map((tag) => ({
    vocabulary: name,
    vocabulary_version: version,
    label: tag.label,
    raw: tag.raw,
    raw_term: SearchText.term(tag.raw) === SearchText.term(tag.label) ? null : SearchText.term(tag.raw),
    confidence: tag.confidence ?? null,
    evidence: tag.evidence ?? null,
    start_seconds: tag.startSeconds ?? null,
    end_seconds: tag.endSeconds ?? null,
    model,
    provider
  }))
}

/** What stands out in a recording, as tags of a vocabulary of its own: they are counted and filtered like any. */
const markRows = ({ marks }: Quality) =>
  marks.map((mark) => ({
    vocabulary: "quality",
    vocabulary_version: "1",
    label: mark,
    raw: mark,
    raw_term: null,
    confidence: null,
    evidence: null,
    start_seconds: null,
    end_seconds: null,
    model: "quality",
    provider: "mediaspool"
  }))

/** Speech as tags of a vocabulary of its own: a row for each span. */
const speechRows = ({ model, spans }: Speech) =>
  spans.map(({ endSeconds, probability, startSeconds }) => ({
    vocabulary: "speech",
    vocabulary_version: null,
    label: "speech",
    raw: "speech",
    raw_term: null,
    confidence: probability,
    evidence: null,
    start_seconds: startSeconds,
    end_seconds: endSeconds,
    model,
    provider: "local"
  }))

const vectorRows = (place: Place, { model, provider, values }: Vector): ReadonlyArray<Statement> =>
  values.length === 0
    ? []
    : [
        {
          sql: `INSERT INTO vector (media_id, pipeline, node, model, provider, dimensions, data) VALUES (${MEDIA}, ?, ?, ?, ?, ?, ?)`,
          values: [place.hash, place.pipeline, place.node, model, provider, values.length, VectorBytes.encode(values)]
        }
      ]

const CONTRADICTED = "evidence"

/** Checks as rows, and what is contradicted as doubts, for whoever reviews. A doubt that stands keeps the time when it was found. */
const evidenceRows = (place: Place, { checks }: Evidence): ReadonlyArray<Statement> => {
  const rows = checks.map(({ agrees, claim, detail, endSeconds, node, startSeconds }) => ({
    of_node: node,
    claim,
    verdict: agrees ? "agrees" : "contradicts",
    detail,
    start_seconds: startSeconds ?? null,
    end_seconds: endSeconds ?? null
  }))
  const doubts = JSON.stringify(rows.filter(({ verdict }) => verdict === "contradicts"))
  return [
    insert("evidence", "of_node claim verdict detail start_seconds end_seconds", place, rows),
    {
      sql: `DELETE FROM doubt WHERE content_hash = ? AND pipeline = ? AND reason = ?
        AND node NOT IN (SELECT json_extract(value, '$.of_node') FROM json_each(?))`,
      values: [place.hash, place.pipeline, CONTRADICTED, doubts]
    },
    {
      sql: `INSERT INTO doubt (content_hash, pipeline, node, reason, detail, start_seconds, end_seconds, weight, found_at)
        SELECT ?, ?, json_extract(value, '$.of_node'), ?,
          group_concat('says ''' || json_extract(value, '$.claim') || ''': ' || json_extract(value, '$.detail'), '; '),
          min(json_extract(value, '$.start_seconds')), max(json_extract(value, '$.end_seconds')), 0.8,
          strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        FROM json_each(?) WHERE true GROUP BY json_extract(value, '$.of_node')
        ON CONFLICT DO UPDATE SET found_at = CASE WHEN detail = excluded.detail THEN found_at ELSE excluded.found_at END,
          detail = excluded.detail, start_seconds = excluded.start_seconds, end_seconds = excluded.end_seconds`,
      values: [place.hash, place.pipeline, CONTRADICTED, doubts]
    }
  ]
}

const TAG_COLUMNS =
  "vocabulary vocabulary_version label raw raw_term confidence evidence start_seconds end_seconds model provider"

/** What a node's value adds to the full-text search, by field. */
type Texts = Partial<Record<"title" | "caption" | "tag" | "other", ReadonlyArray<string>>>

const line = (text: string): string => text.replace(/\s+/g, " ").trim()

const documents = (place: Place, texts: Texts): ReadonlyArray<Statement> =>
  Object.entries(texts)
    .map(([field, said]) => {
      const text = [...new Set(said)].join("\n")
      return { field, terms: line(SearchText.index(text)), parts: line(SearchText.parts(text)) }
    })
    .filter(({ terms }) => terms !== "")
    .map(({ field, parts, terms }) => ({
      sql: `INSERT INTO document (media_id, pipeline, node, field, terms, parts) VALUES (${MEDIA}, ?, ?, ?, ?, ?)`,
      values: [place.hash, place.pipeline, place.node, field, terms, parts]
    }))

const valueRows = (place: Place, settled: Settled, stateFolder: string | undefined): ReadonlyArray<Statement> => {
  const { value, words } = settled
  if (value instanceof Caption || value instanceof CleanCaption) {
    const rows = captionRows(value)
    return [insert("caption", CAPTION_COLUMNS, place, rows), ...documents(place, { caption: rows.map(({ text }) => text) })]
  }
  if (value instanceof Tags) {
    return [
      insert("tag", TAG_COLUMNS, place, tagRows(value)),
      ...documents(place, { tag: value.tags.flatMap(({ label, raw }) => [label, raw]) })
    ]
  }
  if (value instanceof Vector) return vectorRows(place, value)
  if (value instanceof Speech) return [insert("tag", TAG_COLUMNS, place, speechRows(value))]
  const json = ResultJson.encode(value, stateFolder)
  const rows = wordRows(settled)
  const texts: Texts =
    value instanceof Probe
      ? { title: MediaRow.named(value), other: MediaRow.described(value) }
      : words === undefined
        ? { other: ResultJson.texts(json) }
        : { caption: rows.map(({ text }) => text) }
  return [
    ...(value instanceof Evidence ? evidenceRows(place, value) : []),
    ...(value instanceof Quality
      ? [insert("tag", TAG_COLUMNS, place, markRows(value)), ...documents(place, { tag: value.marks })]
      : []),
    {
      sql: `INSERT INTO result (media_id, pipeline, node, kind, json) VALUES (${MEDIA}, ?, ?, ?, ?)`,
      values: [place.hash, place.pipeline, place.node, ResultJson.kindOf(value), JSON.stringify(json)]
    },
    ...(rows.length === 0 ? [] : [insert("caption", CAPTION_COLUMNS, place, rows)]),
    ...documents(place, texts)
  ]
}

/** Everything that is known of a file, as statements of one transaction. What the same nodes wrote before is replaced. */
export const statements = (record: MediaRecord): ReadonlyArray<Statement> => {
  const { pipeline, settled, source, stale, stateFolder, writtenAt } = record
  const hash = source.file.hash
  const { name, parts } = SearchText.ofPath(source.file.path)
  const cleared = JSON.stringify([...settled.map(({ node }) => node), ...stale])
  return [
    MediaRow.statement(
      source,
      settled.map(({ value }) => value).filter(isMeasured),
      RawPath.toBytes(source.file.path),
      writtenAt
    ),
    ...["caption", "tag", "result", "vector", "evidence", "document"].map((table) => ({
      sql: `DELETE FROM ${table} WHERE media_id = ${MEDIA} AND pipeline = ? AND node IN (SELECT value FROM json_each(?))`,
      values: [hash, pipeline, cleared] satisfies ReadonlyArray<Value>
    })),
    ...settled.flatMap((each) => valueRows({ hash, pipeline, node: each.node }, each, stateFolder)),
    { sql: `DELETE FROM search WHERE rowid = ${MEDIA}`, values: [hash] },
    {
      // Without a row of the scan, for the stage alone, the name is the one that it was given.
      sql: `INSERT INTO search (rowid, name, title, caption, tag, other, name_parts, title_parts, other_parts)
        SELECT id, coalesce(name, ?), title, caption, tag, other, iif(name IS NULL, ?, name_parts), title_parts, other_parts
        FROM searchable WHERE id = ${MEDIA}`,
      values: [name, parts, hash]
    }
  ]
}

/** Rows of the values, without the file's own. */
export const count = ({ settled }: MediaRecord): number =>
  settled.reduce((sum, each) => {
    const { value } = each
    if (value instanceof Caption || value instanceof CleanCaption) return sum + captionRows(value).length
    if (value instanceof Quality) return sum + 1 + value.marks.length
    return sum + (value instanceof Tags ? value.tags.length : 1 + wordRows(each).length)
  }, 0)

const isMeasured = (value: unknown): value is MediaRow.Measured =>
  value instanceof Probe || value instanceof Acoustics || value instanceof AudioFile || value instanceof VideoFile
