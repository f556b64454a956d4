import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { Artifact, SourceFile } from "./FileRef.js"
import * as Kind from "./Kind.js"

class Nested extends Schema.TaggedClass<Nested>()("Nested", {
  name: Schema.String,
  copy: Schema.optional(Artifact),
  takes: Schema.Array(Schema.Struct({ seconds: Kind.observed(Schema.Number), label: Schema.String })),
  byLanguage: Schema.Record({ key: Schema.String, value: Kind.observed(Schema.Number) })
}) {}

describe("Kind.observedPaths", () => {
  it("finds the fields of a file that are no part of its identity", () => {
    expect(Kind.observedPaths(SourceFile)).toEqual([["file", "size"], ["file", "path"], ["mediaType"]])
  })

  it("looks into options, arrays and records", () => {
    expect(Kind.observedPaths(Nested)).toEqual([
      ["copy", "hash"],
      ["copy", "size"],
      ["copy", "path"],
      ["takes", "*", "seconds"],
      ["byLanguage", "*"]
    ])
  })

  it("leaves the schema's own behaviour alone", () => {
    expect(Schema.decodeSync(Kind.observed(Schema.NumberFromString))("4")).toBe(4)
  })
})
