import { Column, Library, type LibraryError, type Row, type Statement, type Value } from "@mediaspool/core"
import { DateTime, Effect } from "effect"

/** Why a result is doubtful: one row of the table below. `find` gives a row for each doubt about the files whose ids are bound. */
interface Rule {
  readonly reason: string
  /** 0 to 1 */
  readonly weight: number
  /** Columns: media_id, pipeline, node, detail, figures (JSON), start_seconds, end_seconds. */
  readonly find: string
}

const IDS = "media_id IN (SELECT value FROM json_each(?))"

/** Words of a caption, each with a space before and after, so that whole words can be looked for. */
const SPACED = "' ' || lower(replace(replace(replace(text, '.', ' '), ',', ' '), char(10), ' ')) || ' '"
const says = (...words: ReadonlyArray<string>): string => `(${words.map((word) => `said LIKE '% ${word} %'`).join(" OR ")})`
/** A caption that denies what it names. */
const denies = (...words: ReadonlyArray<string>): string => `NOT (${words.map((word) => `said LIKE '%${word}%'`).join(" OR ")})`

/** A caption beside what was measured of the same file; a whole file's caption alone says something of all of it. */
const contradiction = (detail: string, figures: string, words: string, measured: string): string => `
SELECT caption.media_id, caption.pipeline, caption.node, ${detail} AS detail, ${figures} AS figures, NULL AS start_seconds, NULL AS end_seconds
FROM (SELECT *, ${SPACED} AS said FROM caption WHERE ${IDS} AND start_seconds IS NULL AND model <> 'person') AS caption
  JOIN acoustics USING (media_id)
WHERE ${words} AND ${measured}`

/** The latest captions say which language is usual: a library of millions isn't counted. */
const SAMPLE = 20_000

/** A row is all that another reason takes; capabilities of their own write rows of `doubt` themselves. */
const rules: ReadonlyArray<Rule> = [
  {
    reason: "contradiction",
    weight: 0.9,
    find: contradiction(
      "'says silence; ' || round(integrated_loudness, 1) || ' LUFS were measured'",
      "json_object('kind', 'silence', 'loudness', round(integrated_loudness, 1))",
      `${says("is silent", "only silence", "complete silence", "total silence", "nothing but silence", "no sound", "nothing is heard")} AND ${denies("not silent", "not only silence", "no silence")}`,
      "integrated_loudness > -40 AND silence_ratio < 0.3"
    )
  },
  {
    reason: "contradiction",
    weight: 0.85,
    find: contradiction(
      "'says speech; ' || round(100 * silence_ratio) || ' % of the file are silent'",
      "json_object('kind', 'speech', 'silent', round(100 * silence_ratio))",
      `${says("speech", "speaks", "speaking", "voice", "says", "talking")} AND ${denies("no speech", "no voice", "without speech", "no words", "no one speaks")}`,
      "(integrated_loudness IS NULL OR silence_ratio > 0.97)"
    )
  },
  {
    reason: "repetition",
    weight: 0.6,
    find: `SELECT media_id, pipeline, node, 'the model repeated itself; what it repeated was taken out' AS detail, '{}' AS figures,
      NULL AS start_seconds, NULL AS end_seconds
    FROM caption WHERE ${IDS} AND start_seconds IS NULL AND changes LIKE '%repetition%' AND model <> 'person'`
  },
  {
    reason: "low-confidence",
    weight: 0.5,
    find: `SELECT media_id, pipeline, node, 'says ''' || label || ''' with a confidence of ' || round(min(confidence), 2) || ' only' AS detail,
      json_object('label', label, 'confidence', round(min(confidence), 2)) AS figures, start_seconds, end_seconds
    FROM tag WHERE ${IDS} AND confidence < 0.5 AND model <> 'person' GROUP BY media_id, pipeline, node`
  },
  {
    reason: "wrong-language",
    weight: 0.7,
    // Of a node's captions nine in ten are in one language: the others are looked at.
    find: `SELECT media_id, caption.pipeline, caption.node, 'is written in ''' || language || '''; the others are in ''' || usual || '''' AS detail,
      json_object('language', language, 'usual', usual) AS figures, NULL AS start_seconds, NULL AS end_seconds
    FROM caption JOIN (
      SELECT pipeline, node, language AS usual, max(n) AS most, sum(n) AS all_of FROM (
        SELECT pipeline, node, language, count(*) AS n FROM caption
        WHERE id > (SELECT max(id) FROM caption) - ${SAMPLE} AND language IS NOT NULL AND start_seconds IS NULL
        GROUP BY pipeline, node, language
      ) GROUP BY pipeline, node
    ) AS usual ON usual.pipeline = caption.pipeline AND usual.node = caption.node AND most >= 0.9 * all_of AND all_of >= 10
    WHERE ${IDS} AND start_seconds IS NULL AND language IS NOT NULL AND language <> usual AND model <> 'person'`
  }
]

const read = (sql: string, ...values: ReadonlyArray<Value>) => Effect.flatMap(Library, (library) => library.read({ sql, values }))

/** The reasons that are found in a file's rows. */
const reasons: ReadonlyArray<string> = [...new Set(rules.map(({ reason }) => reason))]

/** What a person asked a model again, and has been answered since: `judge` has reopened the file. */
const ANSWERED = `correction.verdict = 'redo' AND ended_at IS NULL AND EXISTS (
  SELECT 1 FROM item JOIN item_state ON item_state.item = item.id
  WHERE item.content_hash = correction.content_hash AND item_state.pipeline = correction.pipeline
    AND (state = 'done' OR (SELECT changed_at FROM media WHERE media.content_hash = correction.content_hash) > made_at))`

const statementOf = (row: Row, { reason, weight }: Rule, foundAt: string): Statement => ({
  sql: `INSERT INTO doubt (content_hash, pipeline, node, reason, detail, figures, start_seconds, end_seconds, weight, found_at)
    SELECT content_hash, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM media WHERE id = ?
    ON CONFLICT DO UPDATE SET found_at = CASE WHEN detail = excluded.detail THEN found_at ELSE excluded.found_at END,
      detail = excluded.detail, figures = excluded.figures, start_seconds = excluded.start_seconds,
      end_seconds = excluded.end_seconds, weight = excluded.weight`,
  values: [
    row["pipeline"] ?? "",
    row["node"] ?? "",
    reason,
    row["detail"] ?? "",
    row["figures"] ?? "{}",
    row["start_seconds"] ?? null,
    row["end_seconds"] ?? null,
    weight,
    foundAt,
    row["media_id"] ?? null
  ]
})

/** Rows of `doubt` about an answer that was judged, taken back or asked for again since. */
const JUDGED = `doubt.reason = 'redone' AND NOT EXISTS (SELECT 1 FROM correction
  WHERE correction.content_hash = doubt.content_hash AND correction.pipeline = doubt.pipeline AND correction.node = doubt.node
    AND correction.made_at < doubt.found_at AND ${ANSWERED})`

/**
 * Files the answers of models that were asked again: each is looked at, whether or not anything else is doubtful about it. Takes out
 * those that were judged since. Gives whether anything is another than before.
 */
export const lookForAnswers: Effect.Effect<boolean, LibraryError, Library> = Effect.gen(function* () {
  const judged = yield* read(`SELECT 1 FROM doubt WHERE ${JUDGED} LIMIT 1`)
  const answered = yield* read(`SELECT content_hash, pipeline, node FROM correction WHERE ${ANSWERED}
    EXCEPT SELECT content_hash, pipeline, node FROM doubt WHERE reason = 'redone'`)
  if (judged.length + answered.length === 0) return false
  const library = yield* Library
  yield* library.write([
    { sql: `DELETE FROM doubt WHERE ${JUDGED}`, values: [] },
    {
      sql: `INSERT INTO doubt (content_hash, pipeline, node, reason, detail, figures, weight, found_at)
        SELECT content_hash, pipeline, node, 'redone',
          CASE trim(coalesce(note, '')) WHEN '' THEN 'was asked again' ELSE 'was asked again: ' || note END,
          json_object('note', coalesce(note, '')), 1, ?
        FROM correction WHERE ${ANSWERED} ON CONFLICT DO NOTHING`,
      values: [DateTime.formatIso(yield* DateTime.now)]
    }
  ])
  return true
})

/** Files that are looked at together. */
const PAGE = 500
const POSITION = `SELECT changed_at, id FROM media WHERE (changed_at, id) > (?, ?) ORDER BY changed_at, id LIMIT ${PAGE}`

/** Up to where files have been looked at: the last one's time of change and id. */
export interface Position {
  readonly changedAt: string
  readonly id: number
}
/** Before the first file. */
export const beginning: Position = { changedAt: "", id: 0 }

/**
 * Looks at the next files that were written since `position`, and files what is doubtful about them; what no longer is goes.
 * Gives the position after them, the same one where there are none.
 */
export const look = (position: Position): Effect.Effect<Position, LibraryError, Library> =>
  Effect.gen(function* () {
    const rows = yield* read(POSITION, position.changedAt, position.id)
    const last = rows[rows.length - 1]
    if (last === undefined) return position
    const ids = JSON.stringify(rows.map((row) => row["id"]))
    const foundAt = DateTime.formatIso(yield* DateTime.now)
    const found = yield* Effect.forEach(rules, (rule) =>
      Effect.map(read(rule.find, ids), (doubts) => doubts.map((row) => ({ row, rule })))
    )
    const standing = found.flat().map(({ row, rule }) => `${row["media_id"]} ${row["pipeline"]} ${row["node"]} ${rule.reason}`)
    const library = yield* Library
    yield* library.write([
      {
        sql: `DELETE FROM doubt WHERE reason IN (SELECT value FROM json_each(?)) AND EXISTS (
            SELECT 1 FROM media WHERE media.content_hash = doubt.content_hash AND id IN (SELECT value FROM json_each(?))
              AND id || ' ' || pipeline || ' ' || node || ' ' || reason NOT IN (SELECT value FROM json_each(?)))
          AND NOT EXISTS (SELECT 1 FROM correction WHERE correction.content_hash = doubt.content_hash
            AND correction.pipeline = doubt.pipeline AND correction.node = doubt.node AND ended_at IS NULL)`,
        values: [JSON.stringify(reasons), ids, JSON.stringify(standing)]
      },
      ...found.flat().map(({ row, rule }) => statementOf(row, rule, foundAt))
    ])
    return { changedAt: Column.text(last, "changed_at") ?? "", id: Column.number(last, "id") ?? 0 }
  })
