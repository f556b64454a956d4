import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Either, FastCheck, Schema } from "effect"
import * as Canonical from "../pipeline/Canonical.js"
import type { Kind } from "../stage/Kind.js"
import * as CanonicalKind from "./CanonicalKind.js"

class Inner extends Schema.Class<Inner>("Inner")({ z: Schema.Number, a: Schema.String }) {}

class Plain extends Schema.TaggedClass<Plain>("Plain")("Plain", {
  text: Schema.String,
  count: Schema.Int,
  mode: Schema.Literal("major", "minor", 1, null),
  key: Schema.optional(Schema.Struct({ b: Schema.Boolean, "a b": Schema.NonEmptyString })),
  maybe: Schema.UndefinedOr(Schema.Number),
  inner: Inner,
  perhaps: Schema.NullishOr(Inner),
  list: Schema.Array(Inner),
  nested: Schema.Array(Schema.Array(Schema.NullOr(Schema.String)))
}) {}

class Dated extends Schema.TaggedClass<Dated>("Dated")("Dated", { at: Schema.Date }) {}
class Named extends Schema.TaggedClass<Named>("Named")("Named", {
  tags: Schema.Record({ key: Schema.String, value: Schema.String })
}) {}
class Choice extends Schema.TaggedClass<Choice>("Choice")("Choice", { of: Schema.Union(Inner, Schema.String) }) {}
class Fallback extends Schema.TaggedClass<Fallback>("Fallback")("Fallback", {
  rate: Schema.optionalWith(Schema.Int, { default: () => 1 })
}) {}
class Renamed extends Schema.TaggedClass<Renamed>("Renamed")("Renamed", {
  rate: Schema.propertySignature(Schema.Int).pipe(Schema.fromKey("RATE"))
}) {}

const bySchema = (kind: Kind, value: unknown) =>
  Either.getOrThrow(Canonical.stringify(Either.getOrThrow(Schema.encodeUnknownEither(kind)(value))))

describe("CanonicalKind", () => {
  it.prop("writes what the schema's encoding gives as canonical JSON", [Arbitrary.make(Plain)], ([value]) => {
    const write = CanonicalKind.make(Plain)
    const finite = JSON.stringify(value, (_, part: unknown) =>
      typeof part === "number" && !Number.isFinite(part) ? "bad" : part
    )
    if (finite.includes('"bad"')) expect(write?.(value)).toBeUndefined()
    else expect(write?.(value)).toBe(bySchema(Plain, value))
  })

  it.prop(
    "escapes as canonical JSON does",
    [FastCheck.fullUnicodeString(), FastCheck.double({ noNaN: true, noDefaultInfinity: true })],
    ([a, z]) => {
      const value = new Inner({ a, z })
      expect(Either.getOrThrow(Canonical.stringify({ a, z }))).toBe(
        JSON.stringify(JSON.parse(CanonicalKind.make(Wrapped)?.(new Wrapped({ inner: value })) ?? "{}").inner)
      )
    }
  )

  it("leaves kinds that encode in a way of their own to their schema", () => {
    for (const kind of [Dated, Named, Choice, Fallback, Renamed]) expect(CanonicalKind.make(kind)).toBeUndefined()
  })

  it("leaves values that are none of the kind to the schema", () => {
    const write = CanonicalKind.make(Wrapped)
    expect(write?.({ _tag: "Wrapped", inner: { a: "", z: 1 } })).toBeUndefined()
    expect(write?.(new Wrapped({ inner: new Inner({ a: "", z: Number.NaN }) }))).toBeUndefined()
    expect(write?.(undefined)).toBeUndefined()
  })
})

class Wrapped extends Schema.TaggedClass<Wrapped>("Wrapped")("Wrapped", { inner: Inner }) {}
