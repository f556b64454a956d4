import { Effect, Option, Schema } from "effect"
import type { Row, Value } from "../stage/Library.js"
import * as RawPath from "../stage/RawPath.js"
import { Database } from "./Database.js"
import type { StoreError } from "./StoreError.js"

/** A part of a result key that is another than before. */
export interface Change {
  /** Where it stands: `config.sampleRate`, `inputs.audio`, `version`. */
  readonly part: string
  /** JSON; `undefined`: it was not there, so the default held. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/** One node's work on one file. */
export interface RunReason {
  readonly node: string
  readonly stage: string | undefined
  /** Milliseconds since 1970. */
  readonly ranAt: number
  readonly outcome: string
  readonly code: string | undefined
  /** When it ran before under another key. */
  readonly before: number | undefined
  readonly changes: ReadonlyArray<Change>
}

/** Each key that was tried for what is, or was, at this path; the last one first. */
const TRIED = `
SELECT attempt.node, attempt.key, max(attempt.id) AS last, attempt.started_at, attempt.outcome, attempt.code,
  recipe.stage, recipe.preimage, ledger.inputs
FROM attempt JOIN item ON item.id = attempt.item
  LEFT JOIN ledger ON ledger.key = attempt.key LEFT JOIN recipe ON recipe.id = ledger.recipe
WHERE item.path = ? AND (attempt.node = ? OR recipe.stage = ?)
GROUP BY attempt.node, attempt.key ORDER BY attempt.node, last DESC`

const flatten = (value: unknown, at: string, into: Map<string, string>): Map<string, string> => {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0)
    for (const [name, part] of Object.entries(value)) flatten(part, at === "" ? name : `${at}.${name}`, into)
  else if (at !== "") into.set(at, JSON.stringify(value))
  return into
}

const text = (value: Value | undefined): string | undefined => (typeof value === "string" ? value : undefined)

/** The preimage of a key, part by part. */
const parts = (row: Row): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const preimage = text(row["preimage"])
  if (preimage === undefined) return found
  flatten(JSON.parse(preimage), "", found)
  const { "#note": note, ...inputs } = JSON.parse(`{${text(row["inputs"]) ?? ""}}`)
  if (note !== undefined) flatten(note, "note", found)
  return flatten(inputs, "inputs", found)
}

/** What differs between two preimages, by part. */
const changes = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlyArray<Change> =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter((part) => before.get(part) !== after.get(part))
    .sort()
    .map((part) => ({ part, before: before.get(part), after: after.get(part) }))

/** What differs between two key templates: preimages without inputs. */
export const templateChanges = (before: string, after: string): ReadonlyArray<Change> => {
  const parts = (text: string) => {
    const found = flatten(JSON.parse(text), "", new Map())
    found.delete("inputs")
    return found
  }
  return changes(parts(before), parts(after))
}

/** How the content at a path was read, each time that it was: the media type, and what is heard of it or elsewhere. */
const READ = `
SELECT DISTINCT ledger.digest, ledger.value FROM attempt JOIN item ON item.id = attempt.item JOIN ledger ON ledger.key = attempt.key
WHERE item.path = ? AND json_extract(ledger.value, '$._tag') = 'SourceFile'`

const Read = Schema.parseJson(Schema.Struct({ mediaType: Schema.String, reading: Schema.optional(Schema.Array(Schema.String)) }))
type Readings = ReadonlyMap<string, ReadonlyMap<string, string>>

const readings = (rows: ReadonlyArray<Row>): Readings =>
  new Map(
    rows.flatMap(({ digest, value }) =>
      Option.match(Schema.decodeUnknownOption(Read)(value), {
        onNone: () => [],
        onSome: (read) => [[JSON.stringify(digest), flatten(read, "", new Map())] as const]
      })
    )
  )

/** A change of a digest, and what of the file is read otherwise, where that is what it stands for. */
const withReading =
  (known: Readings) =>
  (change: Change): ReadonlyArray<Change> => {
    const [before, after] = [change.before, change.after].map((digest) => known.get(digest ?? ""))
    return before === undefined || after === undefined
      ? [change]
      : [change, ...changes(before, after).map((inner) => ({ ...inner, part: `${change.part}.${inner.part}` }))]
  }

const explanation = (node: string, [last, former]: ReadonlyArray<Row>, known: Readings): ReadonlyArray<RunReason> =>
  last === undefined
    ? []
    : [
        {
          node,
          stage: text(last["stage"]),
          ranAt: Number(last["started_at"]),
          outcome: String(last["outcome"]),
          code: text(last["code"]),
          before: former === undefined ? undefined : Number(former["started_at"]),
          changes: former === undefined ? [] : changes(parts(former), parts(last)).flatMap(withReading(known))
        }
      ]

/**
 * Why a node last ran for a file: what of its key had changed since the time before.
 *
 * @param path absolute; a RawPath
 * @param name of a node or a stage; several nodes may have one stage
 */
export const explain = (path: string, name: string): Effect.Effect<ReadonlyArray<RunReason>, StoreError, Database> =>
  Effect.flatMap(Database, (database) =>
    database.reading(() => {
      const rows = database.rows(TRIED, [RawPath.toBytes(path), name, name])
      const known = readings(database.rows(READ, [RawPath.toBytes(path)]))
      return [...new Set(rows.map((row) => String(row["node"])))].flatMap((node) =>
        explanation(
          node,
          rows.filter((row) => row["node"] === node),
          known
        )
      )
    })
  )
