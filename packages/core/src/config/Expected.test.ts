import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Field from "../stage/Field.js"
import { SecretRef } from "../stage/Secret.js"
import { expected } from "./Expected.js"

describe("Expected", () => {
  it.each([
    [Schema.Literal("mp3", "wav", 3), '"mp3", "wav" or 3'],
    [Schema.Int.pipe(Schema.between(1, 8)), "an integer from 1 to 8"],
    [Schema.Positive, "a number above 0"],
    [Schema.Number.pipe(Schema.lessThan(3)), "a number below 3"],
    [Schema.Int, "an integer"],
    [Schema.NonEmptyString, "text that is not empty"],
    [Schema.String.pipe(Schema.minLength(3)), "text of 3 or more"],
    [Schema.NonEmptyArray(Schema.String), "a list"],
    [Schema.String.pipe(Schema.pattern(/^a/)), "text like ^a"],
    [Schema.Union(Schema.String, Schema.Array(Schema.String)), "text or a list"],
    [Schema.NumberFromString, "text"],
    [Schema.Struct({}), "a mapping"],
    [Schema.Boolean, "true or false"],
    [SecretRef, "{ env: NAME } or { file: PATH }"]
  ])("says what %s takes, with and without a description", (schema: Schema.Schema.AnyNoContext, words) => {
    expect(expected(schema.ast)).toBe(words)
    expect(expected(Field.required(schema, "What it is for").ast)).toBe(words)
  })
})
