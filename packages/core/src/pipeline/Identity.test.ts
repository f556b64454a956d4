import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import * as Field from "../stage/Field.js"
import { SecretRef } from "../stage/Secret.js"
import * as Identity from "./Identity.js"

const identity = <A, I>(schema: Schema.Schema<A, I>, encoded: I) =>
  Either.getOrThrow(Identity.of(schema, Schema.decodeSync(schema, { onExcessProperty: "error" })(encoded)))

const Window = Schema.Struct({
  seconds: Field.withDefault(Schema.Number, 30, "Length in seconds"),
  overlap: Field.withDefault(Schema.Number, 0, "Overlap in seconds")
})
const Config = Schema.Struct({
  format: Field.required(Schema.Literal("mp3", "wav"), "Container"),
  rate: Field.withDefault(Schema.NumberFromString, 16000, "Hz"),
  window: Field.withDefault(Window, { seconds: 30, overlap: 0 }, "How it is cut"),
  short: Field.withDefault(Window, { seconds: 5, overlap: 0 }, "How short files are cut"),
  cuts: Field.withDefault(Schema.Array(Window), [], "More cuts"),
  named: Field.maybe(Schema.Record({ key: Schema.String, value: Window }), "Cuts by name")
})

describe("Identity", () => {
  it("leaves out fields equal to their default, said or unsaid", () => {
    expect(identity(Config, { format: "mp3" })).toEqual({ format: "mp3" })
    expect(identity(Config, { format: "mp3", rate: "16000", window: { seconds: 30 }, cuts: [] })).toEqual({ format: "mp3" })
    expect(identity(Config, { format: "mp3", rate: "8000" })).toEqual({ format: "mp3", rate: "8000" })
  })

  it("leaves out defaults inside of structs, lists and records", () => {
    expect(identity(Config, { format: "mp3", window: { seconds: 20 } })).toEqual({ format: "mp3", window: { seconds: 20 } })
    expect(identity(Config, { format: "mp3", cuts: [{ overlap: 0 }, { overlap: 1 }], named: { a: { seconds: 30 } } })).toEqual({
      format: "mp3",
      cuts: [{}, { overlap: 1 }],
      named: { a: {} }
    })
  })

  it("tells an empty struct from an absent one where the two mean different things", () => {
    expect(identity(Config, { format: "mp3", short: {} })).toEqual({ format: "mp3", short: {} })
    expect(identity(Config, { format: "mp3", short: { seconds: 5 } })).toEqual({ format: "mp3" })
  })

  it.prop("keeps different configs apart", [Schema.typeSchema(Config), Schema.typeSchema(Config)], ([a, b]) => {
    const of = (config: typeof Config.Type) => JSON.stringify(Either.getOrNull(Identity.of(Config, config)))
    const canonical = (config: typeof Config.Type) => JSON.stringify(Schema.encodeSync(Config)(config))
    fc.pre(of(a) !== "null" && of(b) !== "null")
    expect(of(a) === of(b)).toBe(canonical(a) === canonical(b))
  })

  it("keeps an old identity when a field with a default is added, also inside of a struct", () => {
    const Wider = Schema.Struct({
      ...Config.fields,
      mono: Field.withDefault(Schema.Boolean, true, "One channel"),
      window: Field.withDefault(
        Schema.Struct({ ...Window.fields, pad: Field.withDefault(Schema.Boolean, false, "Pad with silence") }),
        { seconds: 30, overlap: 0, pad: false },
        "How it is cut"
      )
    })
    for (const config of [{ format: "mp3" }, { format: "wav", window: { seconds: 12 }, cuts: [{}] }] as const)
      expect(identity(Wider, config)).toEqual(identity(Config, config))
  })

  it("leaves out nothing where leaving out would make two configs one", () => {
    const Either = Schema.Struct({
      by: Field.required(
        Schema.Union(
          Schema.Struct({ seconds: Field.withDefault(Schema.Number, 1, "") }),
          Schema.Struct({ beats: Field.withDefault(Schema.Number, 1, "") })
        ),
        ""
      )
    })
    expect(identity(Either, { by: { seconds: 1 } })).not.toEqual(identity(Either, { by: { beats: 1 } }))
  })

  it("holds no secret, nor where one is, at any depth", () => {
    const Secretive = Schema.Struct({
      model: Field.required(Schema.String, ""),
      key: Field.required(SecretRef, "The account's key"),
      other: Field.maybe(SecretRef, "Another key"),
      plain: Schema.Redacted(Schema.String),
      deep: Schema.Array(Schema.Struct({ name: Schema.String, token: Schema.optional(Schema.Redacted(Schema.String)) }))
    })
    const config = {
      model: "m",
      key: { env: "CANARY" },
      other: { file: "/CANARY" },
      plain: "CANARY",
      deep: [{ name: "a", token: "CANARY" }]
    }
    expect(identity(Secretive, config)).toEqual({ model: "m", deep: [{ name: "a" }] })
  })

  it("leaves out what is marked as not part of the result", () => {
    const Patient = Schema.Struct({
      provider: Field.required(Field.unkeyed(Schema.String), "Who listens"),
      prompt: Field.required(Schema.String, "What is asked")
    })
    expect(identity(Patient, { provider: "a", prompt: "?" })).toEqual({ prompt: "?" })
  })

  it("refuses NaN", () => {
    const Loud = Schema.Struct({ level: Field.required(Schema.Number, "") })
    expect(Either.isLeft(Identity.of(Loud, { level: NaN }))).toBe(true)
  })
})
