import type { Json } from "@mediaspool/core"
import { Effect, Either, Schema } from "effect"
import * as JsonReply from "./JsonReply.js"
import { ModelError } from "../ModelError.js"

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

/** Reads an answer by a JSON schema: the first JSON in it that fits, or what is wrong with the likeliest. */
export type Reader = (text: string) => Either.Either<Json, string>

const refused = (detail: string) => new ModelError({ code: "SchemaRefused", detail })

/** Parsed from text, so it is JSON. */
const isJson = (_value: object): _value is Json & object => true

/** Compiles a JSON schema (draft 2020-12, as most are) from a stage's config; the validator is loaded with the first of them. */
export const compile = (schema: { readonly [key: string]: Json }): Effect.Effect<Reader, ModelError> =>
  Effect.gen(function* () {
    if (schema["type"] !== "object") return yield* refused("the schema is not of type object")
    const { Ajv2020 } = yield* Effect.promise(() => import("ajv/dist/2020.js"))
    const ajv = new Ajv2020({ allErrors: true, validateFormats: false })
    const validate = yield* Effect.try({
      try: () => ajv.compile(schema),
      catch: (cause) => refused(`the schema is no JSON schema: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
    return (text) => {
      let fault: string | undefined
      for (const value of JsonReply.values(text)) {
        if (validate(value) && isJson(value)) return Either.right(value)
        fault ??= ajv.errorsText(validate.errors, { dataVar: "answer" })
      }
      return Either.left(fault ?? "there is no JSON in it")
    }
  })
