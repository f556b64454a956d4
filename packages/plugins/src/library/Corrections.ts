import { Column, Failure, Library, type LibraryError, type Note, type Row, type Statement, type Value } from "@mediaspool/core"
import { DateTime, Effect, Option, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { rowsJson } from "./CorrectionSchema.js"
import * as Word from "./Word.js"

export type { CorrectedTag, Segment, Word } from "./Word.js"

/** Why a correction can't be made. */
export class CorrectionError extends Failure.Class<CorrectionError>()("CorrectionError", {
  CorrectionOutdated: { retry: "never", help: "Look at the word that stands now, and choose one of the two." },
  NothingToCorrect: { retry: "never", help: "Run the pipeline first: a correction stands in place of what a node has said." }
}) {}

/** `accepted`: what the model said holds. `corrected`: this holds instead. `redo`: it is asked again. `skipped`: not judged. */
export const Verdict = Schema.Literal("accepted", "corrected", "redo", "skipped")
export type Verdict = typeof Verdict.Type

/** Whose word it is about. */
export interface Place {
  readonly contentHash: string
  readonly pipeline: string
  readonly node: string
}

/** What a person said of a node's word, beside what the model says. */
export interface Correction extends Place, Word.Word {
  /** What the model says, as of its last run. */
  readonly modelWord: Omit<Word.Word, "kind">
  readonly id: number
  readonly verdict: Verdict
  readonly note: string | undefined
  /** The correction in whose place it came. */
  readonly replaces: number | undefined
  /** ISO 8601 */
  readonly madeAt: string
  /** ISO 8601; absent while it stands. */
  readonly endedAt: string | undefined
}

/** What a person decides. */
export interface Judgement extends Place {
  readonly verdict: Verdict
  /** The correction that the person saw standing; absent: there was none. With another one by now nothing is written. */
  readonly basis: number | undefined
  /** With `corrected`: what holds instead; parts that are absent stay as they are. */
  readonly word?: Partial<Pick<Word.Word, "text" | "segments" | "tags">> | undefined
  /** With `redo`: what the model should mind. */
  readonly note?: string | undefined
}

const read = (sql: string, ...values: ReadonlyArray<Value>) => Effect.flatMap(Library, (library) => library.read({ sql, values }))

const correctionOf = (row: Row): Correction => ({
  ...Word.ofRows(row["word"]),
  modelWord: Word.ofRows(row["model_word"]),
  id: Column.number(row, "id") ?? 0,
  contentHash: Column.text(row, "content_hash") ?? "",
  pipeline: Column.text(row, "pipeline") ?? "",
  node: Column.text(row, "node") ?? "",
  kind: row["kind"] === "tags" ? "tags" : "caption",
  verdict: Option.getOrElse(Schema.decodeUnknownOption(Verdict)(row["verdict"]), (): Verdict => "skipped"),
  note: Column.text(row, "note"),
  replaces: Column.number(row, "replaces"),
  madeAt: Column.text(row, "made_at") ?? "",
  endedAt: Column.text(row, "ended_at")
})

/** What people said of a content, the newest first; ended ones too. */
export const history = (contentHash: string): Effect.Effect<ReadonlyArray<Correction>, LibraryError, Library> =>
  Effect.map(read("SELECT * FROM correction WHERE content_hash = ? ORDER BY id DESC", contentHash), (rows) =>
    rows.map(correctionOf)
  )

/** The correction that stands in a place. */
export const standing = ({ contentHash, node, pipeline }: Place): Effect.Effect<Correction | undefined, LibraryError, Library> =>
  Effect.map(
    read(
      "SELECT * FROM correction WHERE content_hash = ? AND pipeline = ? AND node = ? AND ended_at IS NULL",
      contentHash,
      pipeline,
      node
    ),
    ([row]) => row && correctionOf(row)
  )

/** The corrections that hold in place of the models' words, oldest first. */
export const pinned: Effect.Effect<ReadonlyArray<Correction>, LibraryError, Library> = Effect.map(
  read("SELECT * FROM correction WHERE ended_at IS NULL AND verdict IN ('accepted', 'corrected') ORDER BY id"),
  (rows) => rows.map(correctionOf)
)

/** A standing correction and those that it came in the place of, by place. */
const REDONE = `WITH RECURSIVE chain (node, id, verdict, note, replaces) AS (
  SELECT node, id, verdict, note, replaces FROM correction WHERE content_hash = ? AND pipeline = ? AND ended_at IS NULL
  UNION ALL
  SELECT chain.node, former.id, former.verdict, former.note, former.replaces
  FROM chain JOIN correction AS former ON former.id = chain.replaces
  LIMIT 10000
)
SELECT node, note, max(id), count(*) AS times FROM chain WHERE verdict = 'redo' GROUP BY node`

/**
 * What the nodes were asked to mind for a content, by node: the last note, and how often they were asked again. It holds when the
 * new word was accepted or corrected since, and goes when the request is taken back.
 */
export const notes = (pipeline: string, contentHash: string): Effect.Effect<ReadonlyMap<string, Note>, LibraryError, Library> =>
  Effect.map(
    read(REDONE, contentHash, pipeline),
    (rows) =>
      new Map(
        rows.map((row): [string, Note] => [
          Column.text(row, "node") ?? "",
          { text: Column.text(row, "note") ?? "", times: Column.number(row, "times") ?? 1 }
        ])
      )
  )

/** By content, what {@link notes} gives; most have none, and cost one look-up together. */
export const allNotes = (
  pipeline: string,
  contentHashes: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, ReadonlyMap<string, Note>>, LibraryError, Library> =>
  Effect.gen(function* () {
    const rows = yield* read(
      `SELECT DISTINCT content_hash FROM correction
       WHERE pipeline = ? AND ended_at IS NULL AND content_hash IN (SELECT value FROM json_each(?))`,
      pipeline,
      JSON.stringify(contentHashes)
    )
    const found = yield* Effect.forEach(rows, (row) => {
      const contentHash = Column.text(row, "content_hash") ?? ""
      return Effect.map(notes(pipeline, contentHash), (notes) => [contentHash, notes] as const)
    })
    return new Map(found.filter(([, notes]) => notes.size > 0))
  })

/** What gives vectors of measurements, which no word changes. */
const MEASURED = "mediaspool"

/** The next run makes the content's vectors of other words than before, where there are any. */
const reembed = ({ contentHash, pipeline }: Place): Statement => ({
  sql: `DELETE FROM item_state WHERE pipeline = ? AND item IN (SELECT id FROM item WHERE content_hash = ?)
    AND EXISTS (SELECT 1 FROM vector JOIN media ON media.id = media_id WHERE content_hash = ? AND vector.pipeline = ? AND provider <> ?)`,
  values: [pipeline, contentHash, contentHash, pipeline, MEASURED]
})

/** The next run looks at the content again: what its nodes are to mind is another thing than before. */
const reopen = ({ contentHash, pipeline }: Place): Statement => ({
  sql: "DELETE FROM item_state WHERE pipeline = ? AND item IN (SELECT id FROM item WHERE content_hash = ?)",
  values: [pipeline, contentHash]
})

const HERE = "(SELECT ? AS content_hash, ? AS pipeline, ? AS node)"

/** The rows of a place, as a correction keeps them; `undefined`: nothing that can be judged. */
const rowsOf = ({ contentHash, node, pipeline }: Place): Effect.Effect<string | undefined, LibraryError, Library> =>
  Effect.map(read(`SELECT ${rowsJson("place")} AS word FROM ${HERE} AS place`, contentHash, pipeline, node), ([row]) => {
    const json = Column.text(row ?? {}, "word") ?? ""
    const { segments, tags, text } = Word.ofRows(json)
    return text === undefined && segments.length === 0 && tags.length === 0 ? undefined : json
  })

/**
 * Writes what a person decided: from then on it stands in place of the node's word, in the search and in exports too.
 * Fails with `CorrectionOutdated` where another person, or another window, was first.
 */
export const judge = (judgement: Judgement): Effect.Effect<Correction, LibraryError | CorrectionError, Library> =>
  Effect.gen(function* () {
    const { basis, contentHash, node, note, pipeline, verdict, word } = judgement
    const library = yield* Library
    const rows = yield* rowsOf(judgement)
    const stood = yield* standing(judgement)
    if (rows === undefined && stood === undefined)
      return yield* new CorrectionError({ code: "NothingToCorrect", detail: `'${node}' has said nothing of this file` })
    const now = rows === undefined ? (stood?.modelWord ?? Word.ofRows("")) : Word.ofRows(rows)
    const kind = stood?.kind ?? (now.tags.length > 0 ? "tags" : "caption")
    const edit = randomUUID()
    const time = DateTime.formatIso(yield* DateTime.now)
    yield* library.write([
      // The model's rows come back first: what follows is a word on them.
      {
        sql: "UPDATE correction SET ended_at = ? WHERE id = ? AND content_hash = ? AND pipeline = ? AND node = ? AND ended_at IS NULL",
        values: [time, basis ?? null, contentHash, pipeline, node]
      },
      {
        sql: `INSERT INTO correction (content_hash, pipeline, node, kind, verdict, note, word, model_word, replaces, edit, made_at)
          SELECT content_hash, pipeline, node, ?, ?, ?, coalesce(?, ${rowsJson("place")}), ${rowsJson("place")}, ?, ?, ?
          FROM ${HERE} AS place
          WHERE NOT EXISTS (SELECT 1 FROM correction WHERE content_hash = ? AND pipeline = ? AND node = ? AND ended_at IS NULL)
            AND (? IS NULL OR EXISTS (SELECT 1 FROM correction WHERE id = ? AND ended_at = ?))`,
        values: [
          kind,
          verdict,
          note ?? null,
          verdict === "corrected" ? Word.byPerson({ ...now, kind, ...word }) : null,
          basis ?? null,
          edit,
          time,
          contentHash,
          pipeline,
          node,
          contentHash,
          pipeline,
          node,
          basis ?? null,
          basis ?? null,
          time
        ]
      },
      verdict === "redo" ? reopen(judgement) : reembed(judgement)
    ])
    const [written] = yield* read("SELECT * FROM correction WHERE edit = ?", edit)
    if (written === undefined)
      return yield* new CorrectionError({ code: "CorrectionOutdated", detail: "somebody else has judged this in the meantime" })
    return correctionOf(written)
  })

/**
 * Takes a correction back: the one that it replaced stands again, or the model's word. Fails with `CorrectionOutdated` where it
 * stands no longer. Gives what stands now.
 */
export const undo = (id: number): Effect.Effect<Correction | undefined, LibraryError | CorrectionError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const [row] = yield* read("SELECT * FROM correction WHERE id = ? AND ended_at IS NULL", id)
    if (row === undefined)
      return yield* new CorrectionError({ code: "CorrectionOutdated", detail: "this correction stands no longer" })
    const { contentHash, node, pipeline, replaces, verdict } = correctionOf(row)
    const time = DateTime.formatIso(yield* DateTime.now)
    yield* library.write([
      { sql: "UPDATE correction SET ended_at = ? WHERE id = ? AND ended_at IS NULL", values: [time, id] },
      {
        sql: `UPDATE correction SET ended_at = NULL WHERE id = ? AND NOT EXISTS
            (SELECT 1 FROM correction WHERE content_hash = ? AND pipeline = ? AND node = ? AND ended_at IS NULL)`,
        values: [replaces ?? null, contentHash, pipeline, node]
      },
      (verdict === "redo" ? reopen : reembed)({ contentHash, pipeline, node })
    ])
    return yield* standing({ contentHash, pipeline, node })
  })
