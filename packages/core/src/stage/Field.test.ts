import { describe, expect, it } from "@effect/vitest"
import { Either, JSONSchema, Schema } from "effect"
import * as Field from "./Field.js"
import { unkeyedPaths } from "./Kind.js"

const Config = Schema.Struct({
  format: Field.required(Schema.Literal("mp3", "wav"), "Container of the copy"),
  sampleRate: Field.withDefault(Schema.Int, 16000, "Sample rate in Hz"),
  ceiling: Field.maybe(Schema.String, "Largest size")
})
const decode = Schema.decodeUnknownEither(Config, { onExcessProperty: "error" })

describe("Field", () => {
  it("fills in the default", () => {
    expect(Either.getOrThrow(decode({ format: "mp3" }))).toEqual({ format: "mp3", sampleRate: 16000 })
  })

  it("refuses what is missing, wrong or misspelt", () => {
    for (const wrong of [{}, { format: "ogg" }, { format: "mp3", sampelRate: 3 }]) expect(Either.isLeft(decode(wrong))).toBe(true)
  })

  it("tells an editor its type, description and default", () => {
    const { properties, required } = JSONSchema.make(Config) as { properties: Record<string, unknown>; required: Array<string> }
    expect(required).toEqual(["format"])
    expect(properties.sampleRate).toMatchObject({ type: "integer", description: "Sample rate in Hz", default: 16000 })
  })

  it("finds the settings that stay out of the result key, optional ones too", () => {
    class Config extends Schema.TaggedClass<Config>()("Config", {
      provider: Field.required(Field.unkeyed(Schema.String), "Who"),
      parallel: Field.withDefault(Field.unkeyed(Schema.Int), 4, "How many"),
      url: Field.maybe(Field.unkeyed(Schema.String), "Where"),
      model: Field.withDefault(Schema.String, "m", "What")
    }) {}
    expect(unkeyedPaths(Config)).toEqual([["provider"], ["parallel"], ["url"]])
  })
})
