import { Library, type LibraryError, type Money } from "@mediaspool/core"
import { BigDecimal, DateTime, Effect } from "effect"
import * as VectorBytes from "./VectorBytes.js"

/** The vector of a question that was asked before; `undefined` of a new one. `dimensions` 0 is the model's own choice. */
export const known = (
  text: string,
  model: string,
  dimensions: number | undefined
): Effect.Effect<Float32Array | undefined, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const [row] = yield* library.read({
      sql: "SELECT data FROM question WHERE text = ? AND model = ? AND dimensions = ?",
      values: [text, model, dimensions ?? 0]
    })
    return row?.["data"] instanceof Uint8Array ? VectorBytes.decode(row["data"]) : undefined
  })

/** Keeps a question's vector, so that it isn't paid for again. */
export const keep = (
  text: string,
  model: string,
  dimensions: number | undefined,
  values: ReadonlyArray<number>,
  price: Money | undefined
): Effect.Effect<void, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    yield* library.write([
      {
        sql: `INSERT INTO question (text, model, dimensions, data, amount, currency, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET data = excluded.data, asked_at = excluded.asked_at`,
        values: [
          text,
          model,
          dimensions ?? 0,
          VectorBytes.encode(values),
          price === undefined ? null : BigDecimal.format(price.amount),
          price?.currency ?? null,
          DateTime.formatIso(yield* DateTime.now)
        ]
      }
    ])
  })
