import { Database, type Row, type StoreError } from "@mediaspool/core"
import { Caption, CleanCaption, Tags } from "@mediaspool/plugins"
import { Array as Arr, Effect, Either, Option, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { Derived } from "./Derivations.js"

/** Captions or tags of one node, as the library has them. */
export interface StoredWords {
  readonly pipeline: string
  readonly node: string
  readonly kind: "Caption" | "CleanCaption" | "Tags"
  readonly rows: ReadonlyArray<Row>
}

/** Seconds that a window may pass the end by: copies are longer than their original by what an encoder adds. */
const BEYOND = 1

/** What models say in the library of a content; what a person said in its place is the person's. */
export const of = (contentHash: string): Effect.Effect<ReadonlyArray<StoredWords>, StoreError, Database> =>
  Effect.gen(function* () {
    const database = yield* Database
    const rows = yield* database.reading(() => [
      ...database.rows(
        `SELECT pipeline, node, kind, text, start_seconds, end_seconds FROM caption JOIN media ON media.id = media_id
         WHERE content_hash = ? AND kind IN ('Caption', 'CleanCaption')`,
        [contentHash]
      ),
      // Measurements are tags as well, and stand among the results.
      ...database.rows(
        `SELECT pipeline, node, 'Tags' AS kind, label, raw, start_seconds, end_seconds FROM tag JOIN media ON media.id = media_id
         WHERE content_hash = ? AND NOT EXISTS (SELECT 1 FROM result
           WHERE result.media_id = tag.media_id AND result.pipeline = tag.pipeline AND result.node = tag.node)`,
        [contentHash]
      )
    ])
    const corrected = yield* database.reading(() =>
      database.rows(
        "SELECT pipeline, node FROM correction WHERE content_hash = ? AND verdict = 'corrected' AND ended_at IS NULL",
        [contentHash]
      )
    )
    const placeOf = ({ node, pipeline }: Row) => JSON.stringify([pipeline, node])
    const persons = new Set(corrected.map(placeOf))
    return Object.entries(Arr.groupBy(rows, placeOf)).flatMap(([place, rows]): ReadonlyArray<StoredWords> => {
      const [first] = rows
      if (persons.has(place)) return []
      const kind = first["kind"] === "Tags" ? "Tags" : first["kind"] === "Caption" ? "Caption" : "CleanCaption"
      return [{ pipeline: String(first["pipeline"]), node: String(first["node"]), kind, rows }]
    })
  })

const Said = Schema.parseJson(Schema.Union(Caption, CleanCaption, Tags))
type Said = typeof Said.Type

const record = (keys: Iterable<string>, folder: string) =>
  Effect.gen(function* () {
    const database = yield* Database
    const rows = yield* database.reading(() =>
      database.rows("SELECT ledger.value AS value, file FROM json_each(?) AS asked JOIN ledger ON ledger.key = asked.value", [
        JSON.stringify([...keys])
      ])
    )
    const texts = yield* Effect.forEach(rows, ({ file, value }) =>
      typeof value === "string"
        ? Effect.succeed(value)
        : Effect.orElseSucceed(
            Effect.tryPromise(() => readFile(join(folder, "artifacts", String(file)), "utf8")),
            () => ""
          )
    )
    return texts.flatMap((text) => Option.toArray(Schema.decodeOption(Said)(text)))
  })

const Json = Schema.parseJson(Schema.Unknown)

/** Every text in a recorded reply. */
const texts = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : []

const replies = (keys: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const database = yield* Database
    const rows = yield* database.reading(() =>
      database.rows("SELECT call.node AS node, body FROM json_each(?) AS asked JOIN call ON call.key = asked.value", [
        JSON.stringify(keys)
      ])
    )
    return rows.map(({ body, node }) => ({
      node: String(node),
      said: Either.match(Schema.decodeUnknownEither(Json)(body), {
        onLeft: () => "",
        onRight: (value) => texts(value).join("\n")
      })
    }))
  })

const same = (a: unknown, b: number | undefined): boolean => (typeof a === "number" ? a : undefined) === b

/** Whether a recorded result says what a row of the library says. */
const says = (said: Said, row: Row): boolean =>
  said._tag === "Tags"
    ? said.tags.some(
        ({ endSeconds, label, raw, startSeconds }) =>
          label === row["label"] &&
          raw === row["raw"] &&
          same(row["start_seconds"], startSeconds) &&
          same(row["end_seconds"], endSeconds)
      )
    : row["start_seconds"] === null
      ? said.text === row["text"]
      : said.segments.some(
          ({ endSeconds, startSeconds, text }) =>
            text === row["text"] && same(row["start_seconds"], startSeconds) && same(row["end_seconds"], endSeconds)
        )

/** What a model was heard to say: each window's text, and each tag's own word. */
const quotes = (said: Said): ReadonlyArray<string> =>
  said._tag === "Tags" ? said.tags.map(({ raw }) => raw) : said.segments.map(({ text }) => text)

const quoted = (text: unknown): string => {
  const line = String(text).replace(/\s+/g, " ").trim()
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line)
}

/**
 * What is wrong with stored captions or tags: that no step says them which began with the file's bytes, that no recorded reply has them,
 * or that they lie behind the end.
 *
 * @param seconds the file's length; `undefined` where nobody knows it
 */
export const fault = (
  words: StoredWords,
  derived: Derived,
  folder: string,
  seconds: number | undefined
): Effect.Effect<string | undefined, StoreError, Database> =>
  Effect.gen(function* () {
    const all = yield* record(derived.keys, folder)
    const candidates = all.filter(({ _tag }) => _tag === words.kind)
    const strange = words.rows.find((row) => !candidates.some((said) => says(said, row)))
    if (strange !== undefined) return `no recorded step of this file says ${quoted(strange["text"] ?? strange["raw"])}`
    const last = words.rows.reduce((last, { end_seconds: end }) => (typeof end === "number" ? Math.max(last, end) : last), 0)
    if (seconds !== undefined && last > seconds + BEYOND) return `it speaks of ${last} s, and the file has ${seconds} s`
    // What was cleaned, or came from a text, isn't what a model was heard to say.
    const heard = (yield* replies(derived.calls)).filter(({ node }) => node === words.node)
    if (words.kind === "CleanCaption" || heard.length === 0) return undefined
    const stored = candidates.filter((said) => words.rows.every((row) => says(said, row)))
    const lost = (said: Said) => quotes(said).find((text) => !heard.some((reply) => reply.said.includes(text)))
    const missing = stored.map(lost)
    return missing.length === 0 || missing.includes(undefined)
      ? undefined
      : `no recorded reply for this file says ${quoted(missing[0])}`
  })
