import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { Artifact, SourceFile } from "./FileRef.js"
import * as Kind from "./Kind.js"

class Nested extends Schema.TaggedClass<Nested>()("Nested", {
  name: Schema.String,
  copy: Schema.optional(Artifact),
  takes: Schema.Array(Schema.Struct({ seconds: Kind.unkeyed(Schema.Number), label: Schema.String })),
  byLanguage: Schema.Record({ key: Schema.String, value: Kind.unkeyed(Schema.Number) })
}) {}

describe("Kind.unkeyedPaths", () => {
  it("finds the fields of a file that are no part of its identity", () => {
    expect(Kind.unkeyedPaths(SourceFile)).toEqual([["file", "size"], ["file", "path"], ["mediaType"]])
  })

  it("looks into options, arrays and records", () => {
    expect(Kind.unkeyedPaths(Nested)).toEqual([
      ["copy", "hash"],
      ["copy", "size"],
      ["copy", "path"],
      ["takes", "*", "seconds"],
      ["byLanguage", "*"]
    ])
  })

  it("leaves the schema's own behaviour alone", () => {
    expect(Schema.decodeSync(Kind.unkeyed(Schema.NumberFromString))("4")).toBe(4)
  })
})
