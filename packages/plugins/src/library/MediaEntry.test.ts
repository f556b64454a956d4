import { describe, expect, it } from "@effect/vitest"
import { Items, Library, Original, RawPath, SourceFile, Store } from "@mediaspool/core"
import { Chunk, Effect, Layer, Stream } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Answer, Caption, CaptionSegment } from "../kinds.js"
import * as MediaRecord from "./MediaRecord.js"
import * as Blocklist from "./Blocklist.js"
import * as Receipt from "./Receipt.js"
import * as MediaEntry from "./MediaEntry.js"
import { migrations } from "./LibrarySchema.js"

const library = Layer.unwrapScoped(
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-entry-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    ),
    (path) => Store.layer(path, [{ plugin: "library", migrations }])
  )
)

const hash = (letter: string) => letter.repeat(64)
const stamp = { dev: 1n, ino: 1n, size: 1n, mtimeNs: 1n, ctimeNs: 1n }

/** A file as core and persist leave it. */
const keep = (letter: string, path: string, ...copies: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const items = yield* Items
    const { write } = yield* Library
    yield* items.arrive([path, ...copies].map((path) => ({ path, stamp, contentHash: hash(letter) })))
    const source = new SourceFile({ file: new Original({ hash: hash(letter), size: 1, path }), mediaType: "audio/wav" })
    const segments = [0, 30].map((s) => new CaptionSegment({ startSeconds: s, endSeconds: s + 30, text: `${letter} at ${s}` }))
    const settled = [
      { node: "caption", value: new Caption({ text: letter, segments, model: "m", provider: "x", omitted: [] }) },
      { node: "ask", value: new Answer({ text: "yes", value: { n: 1 }, model: "m", provider: "x" }) }
    ]
    yield* write([
      ...MediaRecord.statements({
        source,
        settled,
        pipeline: "p",
        stale: [],
        writtenAt: "2026-01-01T00:00:00Z",
        stateFolder: undefined
      }),
      Receipt.write({ contentHash: hash(letter), pipeline: "p", node: "persist", key: letter, nodes: [], writtenAt: "" })
    ])
  })

const paths = (selector: string) => Effect.map(MediaEntry.find(selector), (found) => found.map(({ path }) => path))
const isThere = (key: string) => Receipt.isWritten({ key, pipeline: "p", node: "persist" })

describe("MediaEntry", () => {
  it.effect("finds a file by id, hash, path, a copy's path, or the end of its path", () =>
    Effect.gen(function* () {
      const odd = RawPath.fromBytes(Buffer.from([0x2f, 0xff, 0x2f, 0xfe]))
      yield* keep("a", "/in/rain.wav", "/in/copy.wav")
      yield* keep("b", "/in/x/rain.wav")
      yield* keep("c", odd)
      expect(yield* paths("1")).toEqual(["/in/rain.wav"])
      expect(yield* paths("bbbbbbbb")).toEqual(["/in/x/rain.wav"])
      expect(yield* paths("/in/rain.wav")).toEqual(["/in/rain.wav"])
      expect(yield* paths("/in/copy.wav")).toEqual(["/in/rain.wav"])
      expect(yield* paths("x/rain.wav")).toEqual(["/in/x/rain.wav"])
      expect(yield* paths("rain.wav")).toEqual(["/in/rain.wav", "/in/x/rain.wav"])
      expect(yield* paths(odd)).toEqual([odd])
      expect(yield* paths("ain.wav")).toEqual([])
    }).pipe(Effect.provide(library))
  )

  it.effect("has everything of a file", () =>
    Effect.gen(function* () {
      yield* keep("a", "/in/rain.wav", "/in/copy.wav")
      const [entry] = yield* MediaEntry.find("1")
      expect(entry).toMatchObject({ contentHash: hash("a"), missing: false, copies: ["/in/copy.wav"] })
      expect(entry?.media).toMatchObject({ media_type: "audio/wav", size_bytes: 1 })
      expect(entry?.captions.map(({ end_seconds, start_seconds, text }) => [text, start_seconds, end_seconds])).toEqual([
        ["a", undefined, undefined],
        ["a at 0", 0, 30],
        ["a at 30", 30, 60]
      ])
      expect(entry?.results).toEqual([
        { pipeline: "p", node: "ask", kind: "Answer", value: { text: "yes", value: { n: 1 }, model: "m", provider: "x" } }
      ])
    }).pipe(Effect.provide(library))
  )

  it.effect("goes through the whole library", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(["a", "b", "c"], (letter) => keep(letter, `/in/${letter}.wav`))
      const all = yield* Stream.runCollect(MediaEntry.all)
      expect(Chunk.toArray(all).map(({ path }) => path)).toEqual(["/in/a.wav", "/in/b.wav", "/in/c.wav"])
    }).pipe(Effect.provide(library))
  )
})

describe("Blocklist", () => {
  it.effect("forgets for good, and remembers when asked", () =>
    Effect.gen(function* () {
      const { read } = yield* Library
      yield* keep("a", "/in/a.wav")
      yield* keep("b", "/in/b.wav")
      yield* Blocklist.add(hash("a"))
      expect([yield* paths("/in/a.wav"), yield* paths("/in/b.wav")]).toEqual([[], ["/in/b.wav"]])
      expect(yield* read({ sql: "SELECT rowid FROM search WHERE search MATCH 'a'", values: [] })).toEqual([])
      // A run without changes has nothing to do for it.
      expect([yield* isThere("a"), yield* isThere("b")]).toEqual([true, true])
      expect((yield* Blocklist.all).map(({ contentHash }) => contentHash)).toEqual([hash("a")])
      yield* Blocklist.remove(hash("a"))
      expect([yield* isThere("a"), yield* isThere("b"), yield* Blocklist.all]).toEqual([false, true, []])
    }).pipe(Effect.provide(library))
  )
})
