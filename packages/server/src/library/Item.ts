import { Column, RawPath, type Row } from "@mediaspool/core"
import { Corrections } from "@mediaspool/plugins"
import { Array as Arr, Effect, Either, Schema } from "effect"
import { basename } from "node:path"
import type { ItemDetails, Word } from "../api/ItemApi.js"
import type { Away } from "../api/Problem.js"
import { Figures, type Correction, type Doubt } from "../api/ReviewApi.js"
import * as Playback from "../media/Playback.js"
import { LibraryConnection } from "./LibraryConnection.js"

export const ONE = `SELECT *, CAST(path AS BLOB) AS raw_path, ${Playback.OTHERWISE} AS plays_otherwise FROM media WHERE id = ?`

const ATTEMPTS_SHOWN = 100

const span = (row: Row) => ({
  startSeconds: Column.number(row, "start_seconds") ?? null,
  endSeconds: Column.number(row, "end_seconds") ?? null
})

const saidOf = ({ segments, tags, text }: Omit<Corrections.Word, "kind">) => ({
  text: text ?? null,
  segments,
  tags: tags.map(({ endSeconds, label, startSeconds, vocabulary }) => ({
    vocabulary,
    label,
    startSeconds: startSeconds ?? null,
    endSeconds: endSeconds ?? null
  }))
})

/** A correction as it crosses the wire. */
export const correction = (made: Corrections.Correction): Correction => ({
  id: made.id,
  pipeline: made.pipeline,
  node: made.node,
  verdict: made.verdict,
  kind: made.kind,
  ...saidOf(made),
  modelWord: saidOf(made.modelWord),
  note: made.note ?? null,
  madeAt: made.madeAt,
  endedAt: made.endedAt ?? null
})

const decodeFigures = Schema.decodeUnknownEither(Schema.parseJson(Figures))

/** A row of `doubt` as it crosses the wire. */
export const doubt = (row: Row): Doubt => ({
  reason: Column.text(row, "reason") ?? "",
  detail: Column.text(row, "detail") ?? "",
  figures: Either.getOrElse(decodeFigures(Column.text(row, "figures") ?? "{}"), () => ({})),
  ...span(row),
  weight: Column.number(row, "weight") ?? 0
})

const places = (rows: ReadonlyArray<Row>): ReadonlyMap<string, ReadonlyArray<Row>> =>
  new Map(Object.entries(Arr.groupBy(rows, (row) => JSON.stringify([row["pipeline"], row["node"]]))))

const json = Schema.decodeUnknownEither(Schema.parseJson())

/** Everything that is known of a file. */
export const details = (row: Row): Effect.Effect<typeof ItemDetails.Type, Away, LibraryConnection> =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const { query } = yield* library.opened
    const id = Column.number(row, "id") ?? 0
    const hash = Column.text(row, "content_hash") ?? ""
    const of = (table: string) =>
      query.rows(
        `SELECT * FROM ${table} WHERE media_id = ? ORDER BY pipeline, node, start_seconds IS NOT NULL, start_seconds, id`,
        [id]
      )
    const captions = places(yield* of("caption"))
    const tags = places(yield* of("tag"))
    const doubts = places(yield* query.rows("SELECT * FROM doubt_now WHERE media_id = ?", [id]))
    const history = yield* library
      .use(Corrections.history(hash))
      .pipe(Effect.catchTag("LibraryError", (error) => Effect.die(error)))
    const standing = new Map(
      history.filter(({ endedAt }) => endedAt === undefined).map((made) => [JSON.stringify([made.pipeline, made.node]), made])
    )
    const items = "SELECT id FROM item WHERE content_hash = ?"
    const results = yield* query.rows(
      "SELECT pipeline, node, kind, json FROM result WHERE media_id = ? ORDER BY pipeline, node",
      [id]
    )
    const attempts = yield* query.rows(
      `SELECT * FROM attempt WHERE item IN (${items}) ORDER BY id DESC LIMIT ${ATTEMPTS_SHOWN}`,
      [hash]
    )
    const states = yield* query.rows(
      `SELECT pipeline, state, max(settled_at) AS settled_at FROM item_state WHERE item IN (${items}) GROUP BY pipeline`,
      [hash]
    )
    const failures = yield* query.rows(`SELECT * FROM failure WHERE item IN (${items}) ORDER BY pipeline, node`, [hash])
    const copies = yield* query.rows("SELECT path FROM item WHERE content_hash = ? AND gone_at = 0 ORDER BY id", [hash])

    const word = (place: string): Word => {
      const texts = captions.get(place) ?? []
      const labels = tags.get(place) ?? []
      const [first = {}] = [...texts, ...labels]
      const made = standing.get(place)
      return {
        pipeline: Column.text(first, "pipeline") ?? made?.pipeline ?? "",
        node: Column.text(first, "node") ?? made?.node ?? "",
        kind: made?.kind ?? (texts.length > 0 ? "caption" : "tags"),
        model: Column.text(first, "model") ?? "",
        provider: Column.text(first, "provider") ?? "",
        language: Column.text(first, "language") ?? null,
        texts: texts.map((caption) => ({ text: Column.text(caption, "text") ?? "", ...span(caption) })),
        tags: labels.map((tag) => ({
          vocabulary: Column.text(tag, "vocabulary") ?? "",
          label: Column.text(tag, "label") ?? "",
          confidence: Column.number(tag, "confidence") ?? null,
          evidence: Column.text(tag, "evidence") ?? null,
          ...span(tag)
        })),
        correction: made === undefined ? null : correction(made),
        doubts: (doubts.get(place) ?? []).map(doubt)
      }
    }
    const file = Column.path(row, "raw_path")
    const { how, type } = Playback.of(row)
    return {
      id,
      contentHash: hash,
      name: RawPath.display(basename(file)),
      path: RawPath.display(file),
      copies: copies
        .map((copy) => Column.path(copy, "path"))
        .filter((copy) => copy !== file)
        .map(RawPath.display),
      missing: row["missing"] === 1,
      media: Object.fromEntries(
        Object.entries(row).filter(
          (entry): entry is [string, string | number] =>
            (typeof entry[1] === "string" || typeof entry[1] === "number") &&
            !["id", "content_hash", "path", "missing", "plays_otherwise"].includes(entry[0])
        )
      ),
      playable: { how, type },
      words: [...new Set([...captions.keys(), ...tags.keys(), ...standing.keys()])].map(word),
      measured: results.map((result) => ({
        pipeline: Column.text(result, "pipeline") ?? "",
        node: Column.text(result, "node") ?? "",
        kind: Column.text(result, "kind") ?? "",
        value: Either.getOrElse(json(Column.text(result, "json") ?? "null"), () => null)
      })),
      attempts: attempts.map((attempt) => ({
        id: Column.number(attempt, "id") ?? 0,
        node: Column.text(attempt, "node") ?? "",
        outcome: Column.text(attempt, "outcome") ?? "",
        code: Column.text(attempt, "code") ?? null,
        message: Column.text(attempt, "message") ?? null,
        startedAt: Column.time(attempt, "started_at"),
        milliseconds: Column.number(attempt, "milliseconds") ?? 0,
        inputTokens: Column.number(attempt, "input_tokens") ?? 0,
        outputTokens: Column.number(attempt, "output_tokens") ?? 0,
        amount: Column.text(attempt, "amount") ?? null,
        currency: Column.text(attempt, "currency") ?? null
      })),
      standings: states.map((state) => ({
        pipeline: Column.text(state, "pipeline") ?? "",
        state: Column.text(state, "state") ?? "",
        settledAt: Column.time(state, "settled_at")
      })),
      failures: failures.map((failure) => ({
        pipeline: Column.text(failure, "pipeline") ?? "",
        node: Column.text(failure, "node") ?? "",
        code: Column.text(failure, "code") ?? "",
        message: Column.text(failure, "message") ?? "",
        help: Column.text(failure, "help") ?? "",
        attempts: Column.number(failure, "attempts") ?? 0
      })),
      history: history.map(correction)
    }
  })
