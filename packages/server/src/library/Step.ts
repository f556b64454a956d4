import { Column, type Row } from "@mediaspool/core"
import { Effect, Either, Schema } from "effect"
import type { Step } from "../api/ItemApi.js"
import { missing, type Away, type Missing } from "../api/Problem.js"
import { LibraryConnection } from "./LibraryConnection.js"

/** A value longer than this is none to look at, characters of JSON. */
const LONGEST = 100_000

const OF_ITEM = "item IN (SELECT item.id FROM item JOIN media ON media.content_hash = item.content_hash WHERE media.id = ?)"

const ONE = `SELECT attempt.node, recipe.stage, recipe.version, ledger.inputs, ledger.outcome, ledger.made_with,
  CASE WHEN length(ledger.value) <= ${LONGEST} THEN ledger.value END AS value
FROM attempt LEFT JOIN ledger ON ledger.key = attempt.key LEFT JOIN recipe ON recipe.id = ledger.recipe
WHERE attempt.id = ? AND attempt.${OF_ITEM}`

/** Which node gave what, by digest. */
const GIVEN = `SELECT DISTINCT attempt.node, ledger.digest FROM attempt JOIN ledger ON ledger.key = attempt.key
WHERE ledger.digest <> '' AND attempt.${OF_ITEM}`

const decodeInputs = Schema.decodeUnknownEither(Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.Unknown })))
const decodeValue = Schema.decodeUnknownEither(Schema.parseJson())

/** The digests of a port: one, or those of a list. */
const digests = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(digests) : []

const inputsOf = (text: string, given: ReadonlyArray<Row>): (typeof Step.Type)["inputs"] =>
  Object.entries(Either.getOrElse(decodeInputs(`{${text}}`), () => ({})))
    .filter(([port]) => !port.startsWith("#"))
    .map(([port, value]) => {
      const wanted = new Set(digests(value))
      const from = given.flatMap((row) => (wanted.has(Column.text(row, "digest") ?? "") ? [Column.text(row, "node") ?? ""] : []))
      return { port, from }
    })

/** What a step was given, by whom, and what it gave: as the ledger has it under the step's key. */
export const read = (mediaId: number, attempt: number): Effect.Effect<typeof Step.Type, Away | Missing, LibraryConnection> =>
  Effect.gen(function* () {
    const { query } = yield* Effect.flatMap(LibraryConnection, ({ opened }) => opened)
    const [row] = yield* query.rows(ONE, [attempt, mediaId])
    if (row === undefined) return yield* missing("ItemUnknown", `the file has no step with the number ${attempt}`)
    const given = yield* query.rows(GIVEN, [mediaId])
    const text = Column.text(row, "value")
    return {
      stage: Column.text(row, "stage") ?? null,
      version: Column.number(row, "version") ?? null,
      madeWith: Column.text(row, "made_with") ?? null,
      inputs: inputsOf(Column.text(row, "inputs") ?? "", given),
      output: row["outcome"] !== "value" || text === undefined ? null : Either.getOrElse(decodeValue(text), () => null),
      isTooLarge: row["outcome"] === "value" && text === undefined
    }
  })
