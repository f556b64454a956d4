import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import { createHash } from "node:crypto"
import { Artifact, Original, SourceFile } from "../stage/FileRef.js"
import { type Kind, unkeyed } from "../stage/Kind.js"
import * as Digest from "./Digest.js"

const digest = (kind: Kind, value: unknown) => Either.getOrThrow(Digest.make(kind)(Schema.encodeUnknownSync(kind)(value)))

const original = (more: { path?: string; size?: number; hash?: string } = {}) =>
  new Original({ hash: "a".repeat(64), size: 10, path: "/inbox/a.wav", ...more })
const artifact = (more: { path?: string; size?: number; hash?: string; key?: string; slot?: string } = {}) =>
  new Artifact({ key: "k1", slot: "audio", hash: "a".repeat(64), size: 10, path: "/state/a", ...more })

class Window extends Schema.Class<Window>("Window")({ text: Schema.String, seconds: unkeyed(Schema.Number) }) {}
class Heard extends Schema.TaggedClass<Heard>()("Heard", {
  copy: Artifact,
  windows: Schema.Array(Window),
  byName: Schema.Record({ key: Schema.String, value: Window }),
  engine: Schema.optional(unkeyed(Schema.String))
}) {}
const heard = (seconds: number, more: { text?: string; engine?: string } = {}) =>
  new Heard({
    copy: artifact({ size: seconds }),
    windows: [new Window({ text: more.text ?? "rain", seconds })],
    byName: { first: new Window({ text: "rain", seconds }) },
    engine: more.engine
  })

describe("Digest", () => {
  it("counts an original by its content, wherever it lies and whatever its name", () => {
    expect(digest(Original, original({ path: "/elsewhere/b.wav", size: 11 }))).toBe(digest(Original, original()))
    expect(digest(Original, original({ hash: "b".repeat(64) }))).not.toBe(digest(Original, original()))
    const file = (path: string, mediaType: string) => digest(SourceFile, new SourceFile({ file: original({ path }), mediaType }))
    expect(file("/b.mp3", "audio/mpeg")).toBe(file("/a.wav", "audio/wav"))
  })

  it("counts an artifact by its result's key and slot, so that an engine's upgrade reruns nothing", () => {
    expect(digest(Artifact, artifact({ hash: "f".repeat(64), size: 99, path: "/moved" }))).toBe(digest(Artifact, artifact()))
    expect(digest(Artifact, artifact({ key: "k2" }))).not.toBe(digest(Artifact, artifact()))
    expect(digest(Artifact, artifact({ slot: "left" }))).not.toBe(digest(Artifact, artifact()))
  })

  it("leaves observed fields out wherever they stand, and nothing else", () => {
    expect(digest(Heard, heard(2, { engine: "7.1" }))).toBe(digest(Heard, heard(3)))
    expect(digest(Heard, heard(2, { text: "hail" }))).not.toBe(digest(Heard, heard(2)))
  })

  it("is the sha-256 of the canonical text", () => {
    expect(digest(Artifact, artifact())).toBe(
      createHash("sha256").update('{"_tag":"Artifact","key":"k1","slot":"audio"}').digest("base64url")
    )
  })
})
