import { describe, expect, it } from "@effect/vitest"
import { Database, Items, Library, Original, SourceFile, Store } from "@mediaspool/core"
import { Effect, Layer, TestClock } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Caption, CaptionSegment, Tag, Tags } from "../kinds.js"
import * as Blocklist from "./Blocklist.js"
import * as CanaryDoubts from "./CanaryDoubts.js"
import * as Corrections from "./Corrections.js"
import * as Doubts from "./Doubts.js"
import { migrations } from "./LibrarySchema.js"
import * as MediaRecord from "./MediaRecord.js"
import * as Receipt from "./Receipt.js"
import * as Search from "./Search.js"

const library = Layer.unwrapScoped(
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-corrections-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    ),
    (path) => Store.layer(path, [{ plugin: "library", migrations }])
  )
)

const hash = "a".repeat(64)
const place = { contentHash: hash, pipeline: "p", node: "caption" }
const mood = { contentHash: hash, pipeline: "p", node: "mood" }
const stamp = { dev: 1n, ino: 1n, size: 1n, mtimeNs: 1n, ctimeNs: 1n }

/** What a run writes: the words of a caption, and labels. */
const run = (text: string, labels: ReadonlyArray<string> = [], key = text) =>
  Effect.gen(function* () {
    yield* Effect.flatMap(Items, (items) => items.arrive([{ path: "/in/rain.wav", stamp, contentHash: hash }]))
    const source = new SourceFile({ file: new Original({ hash, size: 1, path: "/in/rain.wav" }), mediaType: "audio/wav" })
    const segments = [0, 30].map((s) => new CaptionSegment({ startSeconds: s, endSeconds: s + 30, text: `${text} at ${s}` }))
    const settled = [
      { node: "caption", value: new Caption({ text, segments, model: "m", provider: "x", omitted: [] }) },
      {
        node: "mood",
        value: new Tags({
          vocabulary: "mood@1",
          model: "m",
          provider: "x",
          tags: labels.map((label) => new Tag({ label, raw: label, confidence: 0.41 }))
        })
      }
    ]
    const record = { source, settled, pipeline: "p", stale: [], writtenAt: "2026-01-01T00:00:00Z", stateFolder: undefined }
    yield* Effect.flatMap(Library, ({ write }) =>
      write([
        ...MediaRecord.statements(record),
        Receipt.write({ contentHash: hash, pipeline: "p", node: "persist", key, nodes: ["caption", "mood"], writtenAt: "" })
      ])
    )
  })

const column = (sql: string) =>
  Effect.map(
    Effect.flatMap(Library, ({ read }) => read({ sql, values: [] })),
    (rows) => rows.map((row) => Object.values(row)[0])
  )
const captions = column("SELECT text FROM caption ORDER BY start_seconds IS NOT NULL, start_seconds")
const labels = column("SELECT label FROM tag ORDER BY id")
const found = (query: string) => Effect.map(Search.search(query), ({ total }) => total)
const isWritten = (key: string) => Receipt.isWritten({ key, pipeline: "p", node: "persist" })

const corrected = (text: string, basis?: number) =>
  Corrections.judge({ ...place, verdict: "corrected", basis, word: { text, segments: [] } })

describe("a correction", () => {
  it.effect("stands in the model's place in the tables and in the search, and survives a rerun with other words", () =>
    Effect.gen(function* () {
      yield* run("thunder over a lake")
      const made = yield* corrected("a kettle boils")
      expect(yield* captions).toEqual(["a kettle boils"])
      expect(yield* column("SELECT model FROM caption")).toEqual(["person"])
      expect([yield* found("kettle"), yield* found("thunder"), yield* found("reviewed:yes")]).toEqual([1, 0, 1])
      expect(yield* isWritten("thunder over a lake")).toBe(true)

      yield* run("a waterfall")
      expect(yield* captions).toEqual(["a kettle boils"])
      expect([yield* found("kettle"), yield* found("waterfall")]).toEqual([1, 0])
      expect(yield* isWritten("a waterfall")).toBe(true)
      expect((yield* Corrections.standing(place))?.modelWord.text).toBe("a waterfall")

      expect(yield* Corrections.undo(made.id)).toBeUndefined()
      expect(yield* captions).toEqual(["a waterfall", "a waterfall at 0", "a waterfall at 30"])
      expect([yield* found("kettle"), yield* found("waterfall"), yield* found("reviewed:no")]).toEqual([0, 1, 1])
    }).pipe(Effect.provide(library))
  )

  it.effect("of tags changes the labels and their counts; what was accepted stays as the model said it", () =>
    Effect.gen(function* () {
      yield* run("rain", ["calm", "sad"])
      const word = { tags: [{ vocabulary: "mood", label: "tense", startSeconds: 1, endSeconds: 2 }] }
      const made = yield* Corrections.judge({ ...mood, verdict: "corrected", basis: undefined, word })
      expect(yield* labels).toEqual(["tense"])
      expect(yield* Search.facets).toEqual([{ vocabulary: "mood", label: "tense", files: 1 }])
      yield* Corrections.undo(made.id)
      const accepted = yield* Corrections.judge({ ...mood, verdict: "accepted", basis: undefined })
      yield* run("rain", ["angry"], "other")
      expect(yield* labels).toEqual(["calm", "sad"])
      expect(yield* column("SELECT confidence FROM tag")).toEqual([0.41, 0.41])
      expect((yield* Corrections.standing(mood))?.modelWord.tags.map(({ label }) => label)).toEqual(["angry"])
      expect(accepted.verdict).toBe("accepted")
    }).pipe(Effect.provide(library))
  )

  it.effect("survives `forget` and its undoing", () =>
    Effect.gen(function* () {
      yield* run("thunder")
      yield* corrected("a kettle")
      yield* Blocklist.add(hash)
      expect(yield* captions).toEqual([])
      yield* Blocklist.remove(hash)
      yield* run("thunder", [], "again")
      expect(yield* captions).toEqual(["a kettle"])
      expect(yield* found("kettle")).toBe(1)
    }).pipe(Effect.provide(library))
  )

  it.effect("by another window in the meantime is answered with what stands, and writes nothing", () =>
    Effect.gen(function* () {
      yield* run("thunder")
      const first = yield* corrected("a kettle")
      const late = yield* Effect.flip(corrected("a drum"))
      expect(late).toMatchObject({ code: "CorrectionOutdated" })
      expect(yield* captions).toEqual(["a kettle"])
      const second = yield* corrected("a drum", first.id)
      expect(yield* captions).toEqual(["a drum"])
      expect(second.replaces).toBe(first.id)
      expect((yield* Corrections.undo(second.id))?.text).toBe("a kettle")
      expect(yield* captions).toEqual(["a kettle"])
      expect(yield* Effect.flip(Corrections.undo(second.id))).toMatchObject({ code: "CorrectionOutdated" })
      expect((yield* Corrections.history(hash)).map(({ endedAt }) => endedAt === undefined)).toEqual([false, true])
    }).pipe(Effect.provide(library))
  )

  it.effect("that asks the model again gives it a note, for as long as the request stands behind what is judged", () =>
    Effect.gen(function* () {
      yield* run("thunder")
      const asked = yield* Corrections.judge({ ...place, verdict: "redo", basis: undefined, note: "it is a drum" })
      expect(yield* Corrections.notes("p", hash)).toEqual(new Map([["caption", { text: "it is a drum", times: 1 }]]))
      expect(yield* Corrections.notes("other", hash)).toEqual(new Map())
      // The file isn't done any more, so nothing is to be looked at yet.
      expect(yield* Doubts.lookForAnswers).toBe(false)

      yield* TestClock.adjust("1 minute")
      yield* run("a drum")
      yield* Effect.flatMap(Database, (database) =>
        database.write([
          { sql: "INSERT INTO plan VALUES (1, 'p', 'f', '{}', 0, 0)", values: [] },
          { sql: "INSERT INTO item_state SELECT id, 'p', 1, 'done', 0 FROM item", values: [] }
        ])
      )
      expect(yield* Doubts.lookForAnswers).toBe(true)
      expect(yield* column("SELECT detail FROM doubt_now")).toEqual(["was asked again: it is a drum"])
      expect(yield* Doubts.lookForAnswers).toBe(false)

      yield* TestClock.adjust("1 minute")
      const accepted = yield* Corrections.judge({ ...place, verdict: "accepted", basis: asked.id })
      expect((yield* Corrections.notes("p", hash)).get("caption")).toEqual({ text: "it is a drum", times: 1 })
      yield* Doubts.lookForAnswers
      expect(yield* column("SELECT count(*) FROM doubt")).toEqual([0])
      yield* Corrections.judge({ ...place, verdict: "redo", basis: accepted.id })
      expect((yield* Corrections.notes("p", hash)).get("caption")).toEqual({ text: "", times: 2 })
      const [last] = yield* Corrections.history(hash)
      yield* Corrections.undo(last?.id ?? 0)
      yield* Corrections.undo(accepted.id)
      yield* Corrections.undo(asked.id)
      expect(yield* Corrections.notes("p", hash)).toEqual(new Map())
    }).pipe(Effect.provide(library))
  )

  it.effect("of something that was never said is refused", () =>
    Effect.gen(function* () {
      yield* run("thunder")
      const nothing = Corrections.judge({ ...place, node: "nobody", verdict: "accepted", basis: undefined })
      expect(yield* Effect.flip(nothing)).toMatchObject({ code: "NothingToCorrect" })
      yield* Corrections.judge({ ...place, verdict: "skipped", basis: undefined })
      expect(yield* captions).toEqual(["thunder", "thunder at 0", "thunder at 30"])
    }).pipe(Effect.provide(library))
  )

  it.scoped("asks about what an edit on trial changes, until it is judged or the trial ends", () =>
    Effect.gen(function* () {
      yield* run("rain on a roof", ["calm"])
      const trial = { pipeline: "p", node: "caption" }
      const result = (text: string) => JSON.stringify({ _tag: "Caption", text })
      const [item] = yield* column("SELECT id FROM item")
      const pair = (after: string) => ({ item: Number(item), before: result("rain on a roof"), after: result(after) })
      const asked = column("SELECT figures FROM doubt_now WHERE reason = 'canary'")

      yield* CanaryDoubts.put(trial, [pair("rain on a roof")])
      expect(yield* asked).toEqual([])
      yield* CanaryDoubts.put(trial, [pair("hail on a roof")])
      expect((yield* asked).map((figures) => JSON.parse(String(figures)))).toEqual([{ after: "hail on a roof", percent: 60 }])
      // What is judged is asked about no more, also when the trial goes on.
      yield* TestClock.adjust("1 minute")
      yield* Corrections.judge({ ...place, verdict: "accepted", basis: undefined })
      expect(yield* asked).toEqual([])
      yield* CanaryDoubts.clear(trial)
      expect(yield* column("SELECT count(*) FROM doubt WHERE reason = 'canary'")).toEqual([0])
    }).pipe(Effect.provide(library))
  )
})
