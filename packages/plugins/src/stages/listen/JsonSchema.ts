import type { Json } from "@mediaspool/core"
import { Schema } from "effect"

const Value: Schema.Schema<Json> = Schema.suspend(() =>
  Schema.Union(
    Schema.String,
    Schema.JsonNumber,
    Schema.Boolean,
    Schema.Null,
    Schema.Array(Value),
    Schema.Record({ key: Schema.String, value: Value })
  )
).annotations({ identifier: "Json", description: "Any JSON" })

/** A JSON schema in a stage's config, as data. */
export const JsonSchema = Schema.Record({ key: Schema.String, value: Value })
