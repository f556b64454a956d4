import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
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

describe("Kind.wordsOf", () => {
  class Lines extends Schema.TaggedClass<Lines>("test/Lines")("Lines", { from: Schema.Number, to: Schema.Number }) {
    [Kind.searched]() {
      if (this.from === 0) throw new Error("no line")
      return { segments: [{ startSeconds: this.from, endSeconds: this.to, text: "hello" }] }
    }
  }

  it("gives what the kind says of itself, and nothing of a kind that says nothing", () => {
    expect(Kind.wordsOf(new Lines({ from: 1, to: 2 }))).toEqual(
      Either.right({ segments: [{ startSeconds: 1, endSeconds: 2, text: "hello" }] })
    )
    expect(Kind.wordsOf(new Nested({ name: "x", takes: [], byLanguage: {} }))).toEqual(Either.right(undefined))
    for (const value of [undefined, null, 1, "x"]) expect(Kind.wordsOf(value)).toEqual(Either.right(undefined))
  })

  it.each([
    { from: 2, to: 1, says: "it ends before it begins" },
    { from: -1, to: 1, says: "a non-negative number" },
    { from: 1, to: Infinity, says: "a finite number" },
    { from: 0, to: 1, says: "no line" }
  ])("refuses times that no player can use: $from to $to", ({ from, says, to }) => {
    expect(Either.getOrElse(Kind.wordsOf(new Lines({ from, to })), (why) => why)).toContain(says)
  })
})
