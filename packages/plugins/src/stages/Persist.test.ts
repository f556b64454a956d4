import { describe, expect, it } from "@effect/vitest"
import { Artifact, Database, Kind, Library, Node, Original, SourceFile, StateFolder, Store } from "@mediaspool/core"
import { Effect, Layer, Logger, Schema } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Acoustics, Answer, Caption, CaptionSegment, CleanCaption, MediaStream, Probe, Tag, Tags, Waveform } from "../kinds.js"
import { migrations } from "../library/LibrarySchema.js"
import * as Search from "../library/Search.js"
import { persist } from "./Persist.js"

const store = Layer.unwrapScoped(
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-persist-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    ),
    (path) => Store.layer(path, [{ plugin: "library", migrations }])
  )
)

const source = (letter: string, path = `/in/${letter}.wav`) =>
  new SourceFile({ file: new Original({ hash: letter.repeat(64), size: 10, path }), mediaType: "audio/wav" })
const one = source("a")

const caption = (text: string, ...segments: ReadonlyArray<string>) =>
  new Caption({
    text,
    segments: segments.map((text, i) => new CaptionSegment({ startSeconds: i * 30, endSeconds: (i + 1) * 30, text })),
    model: "m",
    provider: "x",
    omitted: [{ startSeconds: 60, endSeconds: 70, reason: "silent" }]
  })
const tags = (...labels: ReadonlyArray<string>) =>
  new Tags({
    vocabulary: "emotion@2",
    tags: labels.map((label) => new Tag({ label, raw: label.toUpperCase(), confidence: 0.5, evidence: "said so" })),
    model: "m",
    provider: "x"
  })

/** A kind that nobody here knows. */
class Transcript extends Schema.TaggedClass<Transcript>("Transcript")("Transcript", {
  at: Schema.Date,
  lines: Schema.Array(Schema.Struct({ text: Schema.String, speaker: Schema.String }))
}) {}

/** A kind that says of itself what is searched, and when it is said. */
class Minutes extends Schema.TaggedClass<Minutes>("test/Minutes")("Minutes", {
  said: Schema.Array(Schema.Struct({ what: Schema.String, atMinute: Schema.Number }))
}) {
  [Kind.searched](): Kind.Words {
    return {
      language: "en",
      segments: this.said.map(({ atMinute, what }) => ({
        startSeconds: atMinute * 60,
        endSeconds: atMinute * 60 + 5,
        text: what
      }))
    }
  }
}

const write = (
  file: SourceFile,
  values: Readonly<Record<string, object>>,
  {
    key = "k",
    pipeline = "p",
    wired
  }: { readonly key?: string; readonly pipeline?: string; readonly wired?: ReadonlyArray<string> } = {}
) => {
  const results = Object.entries(values).map(([node, value]) => ({ node, value }))
  return persist.run({ file, results }, {}).pipe(
    Effect.provideService(Node, {
      pipeline,
      node: "persist",
      key,
      wired: { results: wired ?? results.map(({ node }) => node) }
    })
  )
}
const isThere = (key: string, pipeline = "p") =>
  persist.sink?.isWritten?.({ pipeline, node: "persist", key }) ?? Effect.succeed(false)

const query = (sql: string) => Effect.flatMap(Library, (library) => library.read({ sql, values: [] }))
const column = (sql: string) => Effect.map(query(sql), (rows) => rows.map((row) => Object.values(row)[0]))
/** As core does it. */
const change = (sql: string) => Effect.flatMap(Database, (database) => database.write([{ sql, values: [] }]))
const finds = (match: string) => column(`SELECT rowid FROM search WHERE search MATCH '${match}'`)

describe("persist", () => {
  it.effect("writes the file, captions, tags, and every other kind as JSON", () =>
    Effect.gen(function* () {
      const folder = yield* StateFolder
      const artifact = new Artifact({
        key: "k",
        slot: "image",
        hash: "c".repeat(64),
        size: 5,
        path: join(folder.path, "artifacts/cc/x.png")
      })
      const persisted = yield* write(one, {
        ingest: one,
        probe: new Probe({
          container: "mov",
          durationSeconds: 61.5,
          bitRate: 128_000.4,
          streams: [new MediaStream({ type: "audio", codec: "aac", sampleRate: 48_000, channels: 2 })],
          tags: { title: "Night\n rain", artist: "Nobody", encoder: "x" }
        }),
        caption: caption("Rain falls.", "Rain.", "Thunder."),
        clean: new CleanCaption({
          text: "雨落下。",
          segments: [],
          model: "m",
          provider: "x",
          language: "zh",
          changes: ["preamble"]
        }),
        emotion: tags("calm", "sad"),
        picture: new Waveform({ image: artifact, width: 10, height: 5 }),
        transcript: new Transcript({ at: new Date(0), lines: [{ text: "hello dolly", speaker: "A" }] }),
        answer: new Answer({ text: "forty-two", value: { n: 42 }, model: "m", provider: "x" })
      })
      expect(persisted).toMatchObject({ mediaId: 1, rows: 10 })
      expect(
        yield* query(
          "SELECT path, media_type, duration_seconds, sample_rate, channels, audio_codec, bit_rate, title, missing FROM media"
        )
      ).toEqual([
        {
          path: "/in/a.wav",
          media_type: "audio/wav",
          duration_seconds: 61.5,
          sample_rate: 48_000,
          channels: 2,
          audio_codec: "aac",
          bit_rate: 128_000,
          title: "Night rain",
          missing: 0
        }
      ])
      expect(
        yield* query(
          "SELECT node, kind, text, start_seconds AS s, end_seconds AS e, language, omitted IS NOT NULL AS o FROM caption"
        )
      ).toEqual([
        { node: "caption", kind: "Caption", text: "Rain falls.", s: null, e: null, language: null, o: 1 },
        { node: "caption", kind: "Caption", text: "Rain.", s: 0, e: 30, language: null, o: 0 },
        { node: "caption", kind: "Caption", text: "Thunder.", s: 30, e: 60, language: null, o: 0 },
        { node: "clean", kind: "CleanCaption", text: "雨落下。", s: null, e: null, language: "zh", o: 0 }
      ])
      expect(
        yield* query("SELECT vocabulary, vocabulary_version, label, raw, confidence, evidence FROM tag ORDER BY id LIMIT 1")
      ).toEqual([
        { vocabulary: "emotion", vocabulary_version: "2", label: "calm", raw: "CALM", confidence: 0.5, evidence: "said so" }
      ])
      const results = yield* query("SELECT node, kind, json FROM result ORDER BY node")
      expect(results.map(({ kind, node }) => `${node} ${kind}`)).toEqual([
        "answer Answer",
        "picture Waveform",
        "probe Probe",
        "transcript Transcript"
      ])
      expect(JSON.parse(String(results[1]?.["json"]))).toEqual({
        image: { _tag: "Artifact", key: "k", slot: "image", hash: "c".repeat(64), size: 5, path: "artifacts/cc/x.png" },
        width: 10,
        height: 5
      })
      expect(yield* query("SELECT node, kind, field, path, size_bytes FROM artifact_path")).toEqual([
        { node: "picture", kind: "Waveform", field: "$.image", path: join(folder.path, "artifacts/cc/x.png"), size_bytes: 5 }
      ])
      expect(JSON.parse(String(results[3]?.["json"]))).toEqual({
        at: "1970-01-01T00:00:00.000Z",
        lines: [{ text: "hello dolly", speaker: "A" }]
      })
      for (const match of ["thunder", '"雨落"', "sad", '"night rain"', "dolly", '"forty two"', "nobody", '"a wav"'])
        expect(yield* finds(match), match).toEqual([1])
      expect(yield* finds("encoder")).toEqual([])
    }).pipe(Effect.provide(store))
  )

  it.effect("keeps the words of anybody's kind as it keeps captions, with their times", () =>
    Effect.gen(function* () {
      const said = [
        { what: "Shall we order pizza?", atMinute: 1 },
        { what: "Yes, with olives.", atMinute: 2 }
      ]
      expect(yield* write(one, { asr: new Minutes({ said }) })).toMatchObject({ rows: 4 })
      expect(yield* query("SELECT kind, node, text, model, provider, language, start_seconds AS s FROM caption")).toMatchObject([
        {
          kind: "Minutes",
          node: "asr",
          text: "Shall we order pizza?\nYes, with olives.",
          model: "asr",
          provider: "local",
          s: null
        },
        { text: "Shall we order pizza?", language: "en", s: 60 },
        { text: "Yes, with olives.", s: 120 }
      ])
      // The whole value is there as well.
      expect(yield* column("SELECT json FROM result")).toEqual([JSON.stringify({ said })])
      expect((yield* Search.search("olives")).found).toMatchObject([
        { path: "/in/a.wav", segments: [{ node: "asr", startSeconds: 120, endSeconds: 125, text: "Yes, with olives." }] }
      ])
      yield* write(one, { asr: new Minutes({ said: [] }) })
      expect([yield* column("SELECT count(*) FROM caption"), yield* finds("olives")]).toEqual([[0], []])
    }).pipe(Effect.provide(store))
  )

  it.effect("keeps everything else of a file where the words of a kind are wrong, and says so", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.make(({ message }) => void lines.push(String(message)))
      const value = new Minutes({ said: [{ what: "pizza", atMinute: -1 }] })
      yield* Effect.provide(write(one, { asr: value, caption: caption("Rain.") }), Logger.replace(Logger.defaultLogger, logger))
      expect(yield* column("SELECT kind FROM result")).toEqual(["Minutes"])
      expect([yield* finds("rain"), yield* finds("pizza")]).toEqual([[1], []])
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(/the search words of 'asr' can't be used.*startSeconds.*non-negative/)
    }).pipe(Effect.provide(store))
  )

  it.effect("leaves a receipt that a deleted row takes away", () =>
    Effect.gen(function* () {
      yield* write(one, { caption: caption("Rain."), emotion: tags("sad") }, { key: "k1" })
      expect([yield* isThere("k1"), yield* isThere("k2"), yield* isThere("k1", "q")]).toEqual([true, false, false])
      yield* change("DELETE FROM tag")
      expect(yield* isThere("k1")).toBe(false)
      yield* write(one, { caption: caption("Rain."), emotion: tags("sad") }, { key: "k1" })
      expect([yield* isThere("k1"), yield* column("SELECT label FROM tag"), yield* finds("sad")]).toEqual([true, ["sad"], [1]])
      yield* change("DELETE FROM media")
      expect([yield* isThere("k1"), yield* finds("rain")]).toEqual([false, []])
    }).pipe(Effect.provide(store))
  )

  it.effect("replaces by pipeline and node, and leaves the rest alone", () =>
    Effect.gen(function* () {
      yield* write(one, { caption: caption("Old."), emotion: tags("sad") })
      yield* write(one, { caption: caption("Other.") }, { pipeline: "q" })
      yield* write(source("b"), { caption: caption("Second.") })
      yield* write(one, { caption: caption("New.", "a", "b") }, { wired: ["caption", "emotion"] })
      expect(yield* column("SELECT media_id || pipeline || text FROM caption ORDER BY 1")).toEqual([
        "1pNew.",
        "1pa",
        "1pb",
        "1qOther.",
        "2pSecond."
      ])
      // A node that failed this time keeps its rows; one that is in the pipeline no longer loses them.
      expect(yield* column("SELECT label FROM tag")).toEqual(["sad"])
      yield* write(one, { caption: caption("New.") }, { wired: ["caption"] })
      expect(yield* column("SELECT count(*) FROM tag")).toEqual([0])
      expect([yield* finds("old"), yield* finds("new"), yield* finds("other"), yield* finds("sad")]).toEqual([[], [1], [1], []])
    }).pipe(Effect.provide(store))
  )

  it.effect("completes what another pipeline knows of a file", () =>
    Effect.gen(function* () {
      const sound = { durationSeconds: 3, channels: 1, sampleRate: 8000, silences: [], silenceRatio: 0, clippedSamples: 0 }
      yield* write(one, { numbers: new Acoustics({ ...sound, tempo: { beatsPerMinute: 120, confidence: 0.9 } }) })
      yield* write(one, { caption: caption("Rain.") }, { pipeline: "q" })
      expect(yield* query("SELECT duration_seconds AS d, sample_rate AS r FROM media")).toEqual([{ d: 3, r: 8000 }])
      expect(yield* column("SELECT beats_per_minute FROM acoustics")).toEqual([120])
    }).pipe(Effect.provide(store))
  )

  it.effect("knows of a file that was renamed, or went away, while it was worked on", () =>
    Effect.gen(function* () {
      const item = (path: string, hash: string, goneAt: number) =>
        change(`INSERT INTO item (path, dev, ino, size, mtime_ns, ctime_ns, content_hash, found_at, gone_at)
          VALUES (CAST('${path}' AS BLOB), 1, 1, 1, 1, 1, '${hash.repeat(64)}', 1, ${goneAt})`)
      yield* item("/in/renamed.wav", "a", 0)
      yield* item("/in/b.wav", "b", 9)
      yield* write(one, { caption: caption("Rain.") })
      yield* write(source("b"), { caption: caption("Wind.") })
      expect(yield* query("SELECT path, missing FROM media ORDER BY id")).toEqual([
        { path: "/in/renamed.wav", missing: 0 },
        { path: "/in/b.wav", missing: 1 }
      ])
    }).pipe(Effect.provide(store))
  )

  it.effect("writes nothing of what was forgotten, and says so", () =>
    Effect.gen(function* () {
      yield* change(`INSERT INTO forgotten VALUES ('${"a".repeat(64)}', '')`)
      expect(yield* Effect.flip(write(one, { caption: caption("Rain.") }))).toMatchObject({
        code: "ContentForgotten",
        retry: "skip"
      })
      expect(yield* column("SELECT count(*) FROM media")).toEqual([0])
    }).pipe(Effect.provide(store))
  )

  it.effect("tells sound from pictures once the streams are known, and keeps names that are no text", () =>
    Effect.gen(function* () {
      const file = new SourceFile({
        file: new Original({ hash: "d".repeat(64), size: 1, path: "/in/\udcff.mp4" }),
        mediaType: "video/mp4"
      })
      const streams = [new MediaStream({ type: "audio", codec: "aac" }), new MediaStream({ type: "picture", codec: "mjpeg" })]
      yield* write(file, { probe: new Probe({ container: "mov", durationSeconds: 1, streams, tags: {} }) })
      expect(yield* query("SELECT media_type, CAST(path AS BLOB) AS path FROM media")).toEqual([
        { media_type: "audio/mp4", path: Buffer.from([0x2f, 0x69, 0x6e, 0x2f, 0xff, 0x2e, 0x6d, 0x70, 0x34]) }
      ])
    }).pipe(Effect.provide(store))
  )
})
