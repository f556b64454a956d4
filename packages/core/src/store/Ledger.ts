import { Context, Effect, Layer } from "effect"
import type { Row } from "../stage/Library.js"
import { Database } from "./Database.js"
import type { StoreError } from "./StoreError.js"

/** What is known under a key. */
export interface Entry {
  readonly outcome: "value" | "failed" | "skipped"
  /** The encoded value as JSON without paths; `undefined` when it lies in {@link file}. For the other outcomes the failure. */
  readonly value: string | undefined
  /** Where a value is that is too large for a row: below the artifacts' folder. */
  readonly file: string | undefined
  /** Of the value; empty for the other outcomes. */
  readonly digest: string
  /** How many files belong to it. */
  readonly artifacts: number
}

/** A result with what it was made from. */
export interface Result extends Entry {
  readonly key: string
  readonly recipe: number
  /** The inputs' part of the preimage. */
  readonly inputs: string
  readonly madeWith: string | undefined
}

/** A row of the ledger with all of its preimage, for people who ask why. */
export interface Record extends Entry {
  readonly key: string
  readonly stage: string
  readonly version: number
  /** RFC 8785 JSON: config, extras, stage and version; its `inputs` are empty. */
  readonly recipe: string
  readonly inputs: string
  readonly madeWith: string | undefined
  readonly madeAt: number
}

/** What has been done, by key. */
export interface Service {
  /** What is known under this key, on disk or still on its way there. Synchronous: a short read. */
  readonly find: (key: string) => Entry | undefined
  /**
   * What is known under many keys, on disk already. Results without files come without their value: `find` has it. Synchronous: one
   * read, in the order of the keys' look-up.
   */
  readonly findAll: (keys: ReadonlyArray<string>) => ReadonlyMap<string, Entry>
  /** Remembers a result: `find` sees it at once, the disk with the next group. */
  readonly put: (result: Result) => void
  /** The row of what many keys share. */
  readonly recipe: (recipe: {
    readonly digest: string
    readonly stage: string
    readonly version: number
    readonly preimage: string
  }) => Effect.Effect<number, StoreError>
  /** Forgets results: their stages run again. Their recorded calls stay. */
  readonly forget: (keys: ReadonlyArray<string>) => Effect.Effect<void, StoreError>
  readonly record: (key: string) => Effect.Effect<Record | undefined, StoreError>
}

const entryOf = (row: Row): Entry => ({
  outcome: row["outcome"] === "failed" ? "failed" : row["outcome"] === "skipped" ? "skipped" : "value",
  value: typeof row["value"] === "string" ? row["value"] : undefined,
  file: typeof row["file"] === "string" ? row["file"] : undefined,
  digest: String(row["digest"]),
  artifacts: Number(row["artifacts"])
})

const recordOf = (row: Row): Record => ({
  ...entryOf(row),
  key: String(row["key"]),
  stage: String(row["stage"]),
  version: Number(row["version"]),
  recipe: String(row["preimage"]),
  inputs: String(row["inputs"]),
  madeWith: typeof row["made_with"] === "string" ? row["made_with"] : undefined,
  madeAt: Number(row["made_at"])
})

const FIND = "SELECT outcome, value, file, digest, artifacts FROM ledger WHERE key = ?"

/**
 * The keys as one text: a statement a thousand keys, and not a text of SQL for each number of them. Most rows are values without files,
 * of which only the digest is wanted: a row of fewer columns is made in half the time.
 */
const FIND_ALL = `SELECT asked.key AS place, digest, CASE WHEN outcome <> 'value' OR artifacts > 0 THEN ledger.key END AS more
FROM json_each(?) AS asked CROSS JOIN ledger ON ledger.key = asked.value`

const make = Effect.map(Database, (database): Service => {
  /** Results that are not on disk yet: a look-up there would miss them. */
  const underWay = new Map<string, Result>()
  /** Keys posted since the last call back was asked for. */
  let posted: Array<Result> = []

  const put = database.prepare(`INSERT INTO ledger (key, recipe, inputs, outcome, value, file, digest, artifacts,
      made_with, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET recipe = excluded.recipe, inputs = excluded.inputs, outcome = excluded.outcome,
      value = excluded.value, file = excluded.file, digest = excluded.digest, artifacts = excluded.artifacts, made_with = excluded.made_with,
      made_at = excluded.made_at`)

  /** One call back for all results of a turn. A result that could not be written is not known: its stage runs again. */
  const track = (result: Result) => {
    if (posted.length === 0) {
      const batch = posted
      queueMicrotask(() => {
        posted = []
        database.settled(() => {
          for (const done of batch) if (underWay.get(done.key) === done) underWay.delete(done.key)
        })
      })
    }
    posted.push(result)
  }

  return {
    find: (key) => {
      const fresh = underWay.get(key)
      if (fresh !== undefined) return fresh
      const row = database.row(FIND, [key])
      return row && entryOf(row)
    },
    findAll: (keys) => {
      const found = new Map<string, Entry>()
      for (const { digest, more, place } of database.rows(FIND_ALL, [JSON.stringify(keys)])) {
        const key = typeof place === "number" ? keys[place] : undefined
        if (key === undefined || typeof digest !== "string") continue
        const row = typeof more === "string" ? database.row(FIND, [more]) : undefined
        found.set(
          key,
          row === undefined ? { outcome: "value", value: undefined, file: undefined, digest, artifacts: 0 } : entryOf(row)
        )
      }
      return found
    },
    put: (result) => {
      underWay.set(result.key, result)
      database.post(put, [
        result.key,
        result.recipe,
        result.inputs,
        result.outcome,
        result.value ?? null,
        result.file ?? null,
        result.digest,
        result.artifacts,
        result.madeWith ?? null,
        Date.now()
      ])
      track(result)
    },
    recipe: ({ digest, preimage, stage, version }) =>
      Effect.gen(function* () {
        const known = yield* database.reading(() => database.row("SELECT id FROM recipe WHERE digest = ?", [digest]))
        if (known !== undefined) return Number(known["id"])
        const written = yield* database.write([
          {
            sql: "INSERT INTO recipe (digest, stage, version, preimage) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET stage = stage RETURNING id",
            values: [digest, stage, version, preimage]
          }
        ])
        return Number(written[0]?.rows[0]?.["id"])
      }),
    forget: (keys) =>
      Effect.zipRight(
        database.write(keys.map((key) => ({ sql: "DELETE FROM ledger WHERE key = ?", values: [key] }))),
        Effect.sync(() => {
          for (const key of keys) underWay.delete(key)
        })
      ),
    record: (key) =>
      database.reading(() => {
        const row = database.row("SELECT * FROM ledger JOIN recipe ON recipe.id = ledger.recipe WHERE key = ?", [key])
        return row && recordOf(row)
      })
  }
})

/** What has been done, by key. */
export class Ledger extends Context.Tag("@mediaspool/core/Ledger")<Ledger, Service>() {
  static readonly layer: Layer.Layer<Ledger, never, Database> = Layer.effect(Ledger, make)
}
