import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck, Schema } from "effect"
import { join } from "node:path"
import * as Digest from "../pipeline/Digest.js"
import { Artifact, Original } from "../stage/FileRef.js"
import { unkeyed } from "../stage/Kind.js"
import * as StoredForm from "./StoredForm.js"

class Nested extends Schema.TaggedClass<Nested>("Nested")("Nested", {
  original: Original,
  one: Schema.optional(Artifact),
  many: Schema.Array(Schema.Struct({ artifact: Artifact.annotations({ description: "a page" }) })),
  byName: Schema.Record({ key: Schema.String, value: Artifact }),
  path: Schema.String,
  seen: unkeyed(Schema.Number)
}) {}

class Plain extends Schema.TaggedClass<Plain>("Plain")("Plain", { z: Schema.String, a: Schema.Number }) {}

const hash = "ab".repeat(32)
const artifact = (folder: string, slot: string) =>
  new Artifact({ key: "k", slot, hash, size: 1, path: join(folder, "ab", `${hash}.mp3`) })

const nested = (folder: string, original: string, seen = 1) =>
  new Nested({
    original: new Original({ hash, size: 2, path: original }),
    one: artifact(folder, "one"),
    many: [{ artifact: artifact(folder, "many") }],
    byName: { "a*": artifact(folder, "named") },
    path: "/elsewhere",
    seen
  })

describe("StoredForm", () => {
  it("keeps no place of a file, and puts the present ones back", () => {
    const form = StoredForm.make(Nested)
    const stored = form.strip(Schema.encodeSync(Nested)(nested("/old/artifacts", "/old/a.wav")), "/old/artifacts")
    const text = JSON.stringify(stored)
    expect(text).not.toContain("/old")
    expect(form.artifacts(JSON.parse(text))).toEqual(Array.from({ length: 3 }, () => `ab/${hash}.mp3`))
    const back = form.restore(JSON.parse(text), { artifacts: "/new", original: "/new inbox/b.wav" })
    expect(Schema.decodeUnknownSync(Nested)(back)).toEqual(nested("/new", "/new inbox/b.wav"))
  })

  it("digests a value by what it is, not by where it is or what was observed", () => {
    const record = StoredForm.recorder(Nested)
    const digest = (value: Nested, folder: string) => Either.getOrThrow(record(value, folder)).digest
    expect(digest(nested("/a", "/a.wav", 1), "/a")).toBe(digest(nested("/b", "/b.wav", 2), "/b"))
  })

  it.prop(
    "writes what reads back as the same value, with the digest of its kind",
    [FastCheck.string(), FastCheck.integer()],
    ([z, a]) => {
      const value = new Plain({ z, a })
      const { digest, stored } = Either.getOrThrow(StoredForm.recorder(Plain)(value, "/"))
      expect(Schema.decodeUnknownSync(Plain)(JSON.parse(stored))).toEqual(value)
      expect(digest).toBe(Either.getOrThrow(Digest.make(Plain)({ a, z, _tag: "Plain" })))
    }
  )

  it("refuses what isn't of its kind, and what JSON can't hold", () => {
    const record = StoredForm.recorder(Plain)
    expect(Either.isLeft(record({ z: "", a: 1 }, "/"))).toBe(true)
    expect(Either.isLeft(record(new Plain({ z: "", a: Number.NaN }), "/"))).toBe(true)
  })
})
