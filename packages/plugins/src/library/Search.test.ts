import { describe, expect, it } from "@effect/vitest"
import { Library, Original, SourceFile, Store } from "@mediaspool/core"
import { Effect, FastCheck as fc, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Acoustics, Caption, CaptionSegment, CleanCaption, Check, Evidence, Probe, Quality, Tag, Tags, Vector } from "../kinds.js"
import * as MediaRecord from "./MediaRecord.js"
import * as Search from "./Search.js"
import { migrations } from "./LibrarySchema.js"

const caption = (text: string, ...windows: ReadonlyArray<string>) =>
  new Caption({
    text,
    segments: windows.map((text, i) => new CaptionSegment({ startSeconds: i * 30, endSeconds: (i + 1) * 30, text })),
    model: "qwen3-omni-captioner",
    provider: "x",
    omitted: []
  })
const tags = (vocabulary: string, ...labels: ReadonlyArray<string>) =>
  new Tags({
    vocabulary: `${vocabulary}@1`,
    tags: labels.map(
      (label) => new Tag({ label, raw: label === "sad" ? "Melancholy" : label, startSeconds: 30, endSeconds: 60 })
    ),
    model: "m",
    provider: "x"
  })
const probe = (durationSeconds: number, title = "") =>
  new Probe({ container: "wav", durationSeconds, streams: [], tags: title === "" ? {} : { title } })
const sound = (beatsPerMinute: number) =>
  new Acoustics({
    durationSeconds: 30,
    channels: 1,
    sampleRate: 8000,
    silences: [],
    silenceRatio: 0,
    clippedSamples: 0,
    integratedLoudness: -20,
    tempo: { beatsPerMinute, confidence: 0.9 },
    key: { tonic: "C", mode: "minor", confidence: 0.9 }
  })

const files: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  "storm.wav": {
    probe: probe(95),
    caption: caption(
      "A storm with heavy rain, then a quiet piano.",
      "Heavy rain and wind.",
      "Thunder, far away.",
      "A quiet piano in the rain."
    ),
    quality: new Quality({
      snr: 12,
      bandwidth: 15_900,
      cutoff: 16_000,
      hum: -48,
      mains: 50,
      clipping: 0.002,
      offset: -0.02,
      marks: ["hum", "band-limited"]
    }),
    evidence: new Evidence({
      checks: [
        new Check({ node: "caption", claim: "music", agrees: true, detail: "a key was found" }),
        new Check({ node: "caption", claim: "speech", agrees: false, detail: "no speech was detected" })
      ]
    }),
    timbre: new Vector({ model: "timbre@1", provider: "mediaspool", values: [0, 1, 2] }),
    emotion: tags("emotion", "calm", "sad"),
    instruments: tags("instruments", "piano", "acoustic_guitar")
  },
  "雨夜 钢琴.mp3": {
    probe: probe(240, "Café at night"),
    clean: new CleanCaption({
      text: "城市夜雨，远处有雷声，有人弹钢琴。",
      segments: [],
      model: "m",
      provider: "x",
      language: "zh",
      changes: []
    })
  },
  "march.flac": {
    probe: probe(30),
    numbers: sound(119),
    caption: caption("Brass band, no rain. ".repeat(30) + "A whistle ends it."),
    emotion: tags("emotion", "happy")
  }
}

const library = Layer.unwrapScoped(
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-search-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    ),
    (path) => {
      const fill = Effect.forEach(Object.entries(files), ([name, values], i) =>
        Effect.flatMap(Library, ({ write }) =>
          write(
            MediaRecord.statements({
              source: new SourceFile({
                file: new Original({ hash: String(i).repeat(64), size: 1, path: `/in/holiday/${name}` }),
                mediaType: "audio/wav"
              }),
              settled: Object.entries(values).map(([node, value]) => ({ node, value })),
              pipeline: "sounds",
              stale: [],
              writtenAt: "2026-01-01T00:00:00Z",
              stateFolder: undefined
            })
          )
        )
      )
      return Layer.effectDiscard(fill).pipe(Layer.provideMerge(Store.layer(path, [{ plugin: "library", migrations }])))
    }
  )
)

const saved = { loud: "saved:rainy OR tempo:119", rainy: "rain" }
const names = (typed: string) =>
  Effect.map(Search.search(typed, { saved }), ({ found }) => found.map(({ path }) => path.replace("/in/holiday/", "")).sort())
const [storm, night, march] = Object.keys(files)

describe("Search", () => {
  it.layer(library)((it) => {
    it.effect.each([
      { typed: "rain", found: [march, storm] },
      { typed: "RAIN piano", found: [storm] },
      { typed: '"heavy rain"', found: [storm] },
      { typed: '"rain heavy"', found: [] },
      { typed: "thund*", found: [storm] },
      { typed: "rain -piano", found: [march] },
      { typed: 'rain -"heavy rain"', found: [march] },
      { typed: "whistle OR thunder", found: [march, storm] },
      { typed: "whistle OR emotion:sad", found: [march, storm] },
      { typed: "夜雨", found: [night] },
      { typed: "雷", found: [night] },
      { typed: "弹钢琴", found: [night] },
      { typed: "钢琴.mp3", found: [night] },
      { typed: "雨夜", found: [night] },
      { typed: "「夜雨」 cafe", found: [night] },
      { typed: "emotion:happy", found: [march] },
      { typed: "emotion:HAP*", found: [march] },
      { typed: "-emotion:happy rain", found: [storm] },
      { typed: "instrument:piano", found: [storm] },
      { typed: 'instruments:"acoustic guitar"', found: [storm] },
      { typed: "tag:calm", found: [storm] },
      { typed: "tag:rain", found: [] },
      { typed: "quality:hum", found: [storm] },
      { typed: "doubt:>0", found: [storm] },
      { typed: "doubt:0", found: [] },
      { typed: "doubt:1 rain", found: [storm] },
      { typed: "hum:>-60 snr:10..20", found: [storm] },
      { typed: "clipping:>0.1% offset:>1% bandwidth:<16kHz", found: [storm] },
      { typed: "hum:>-40 OR balance:>0", found: [] },
      { typed: "name:march", found: [march] },
      { typed: "caption:march", found: [] },
      { typed: "title:café", found: [night] },
      { typed: "path:holiday rain", found: [march, storm] },
      { typed: "duration:>60", found: [night, storm] },
      { typed: "duration:1m..2m", found: [storm] },
      { typed: "duration:<0:31 rain", found: [march] },
      { typed: "-duration:>60", found: [march] },
      { typed: "tempo:120", found: [march] },
      { typed: "tempo:60..100", found: [] },
      { typed: "loudness:<-15", found: [march] },
      { typed: "key:c", found: [march] },
      { typed: 'key:"C minor"', found: [march] },
      { typed: 'key:"C major"', found: [] },
      { typed: "language:zh", found: [night] },
      { typed: "model:captioner", found: [march, storm] },
      { typed: "type:audio", found: [march, night, storm] },
      { typed: "type:video", found: [] },
      { typed: "pipeline:none", found: [] },
      { typed: "has:title", found: [night] },
      { typed: "missing:title rain", found: [march, storm] },
      { typed: "has:emotion", found: [march, storm] },
      { typed: "has:Acoustics", found: [march] },
      { typed: "stage:clean", found: [night] },
      { typed: "added:2026-01-01", found: [march, night, storm] },
      { typed: "added:<2026-01-01", found: [] },
      { typed: "-added:>2026-06", found: [march, night, storm] },
      { typed: "reviewed:yes", found: [] },
      { typed: "failed:yes", found: [] },
      { typed: "failed:no rain", found: [march, storm] },
      { typed: "saved:loud", found: [march, storm] },
      { typed: "-saved:loud", found: [night] },
      { typed: "emotion:sad instrument:piano", found: [storm] },
      { typed: "emotion:melancholy", found: [storm] },
      { typed: "emotion:melan*", found: [storm] }
    ])("finds by $typed", ({ found, typed }) =>
      Effect.map(names(typed), (paths) => expect(paths).toEqual(found.filter((name) => name !== undefined).sort()))
    )

    it.effect("says where in a file it was said, with the words marked", () =>
      Effect.gen(function* () {
        const { found, total } = yield* Search.search("rain piano")
        expect(total).toBe(1)
        const marked = ({ marks, text }: { readonly text: string; readonly marks: ReadonlyArray<readonly [number, number]> }) =>
          marks.map(([start, end]) => text.slice(start, end))
        expect(found[0] && found[0].snippet && marked(found[0].snippet)).toEqual(["rain", "piano"])
        expect(found[0]?.segments.map((segment) => [segment.startSeconds, segment.endSeconds, ...marked(segment)])).toEqual([
          [0, 30, "rain"],
          [60, 90, "piano", "rain"]
        ])
        expect(found[0]?.tags).toContainEqual({
          vocabulary: "emotion",
          label: "sad",
          confidence: undefined,
          startSeconds: 30,
          endSeconds: 60
        })
      })
    )

    it.effect("cuts a long caption around what was found", () =>
      Effect.gen(function* () {
        const snippet = (yield* Search.search("whistle")).found[0]?.snippet
        expect(snippet?.text).toMatch(/^….*A whistle ends it\.$/)
        expect(snippet?.text.length).toBeLessThan(220)
        expect(snippet?.marks.map(([start, end]) => snippet.text.slice(start, end))).toEqual(["whistle"])
        expect((yield* Search.search("雷声")).found[0]?.snippet?.marks.length).toBe(1)
      })
    )

    it.effect("puts a file named so, or tagged so, before one that says it in passing", () =>
      Effect.map(Search.search("march OR rain"), ({ found }) => expect(found[0]?.path).toContain("march"))
    )

    it.effect("counts all and shows a page", () =>
      Effect.gen(function* () {
        const pages = yield* Effect.forEach([0, 1], (offset) => Search.search("type:audio", { limit: 1, offset }))
        expect(pages.map(({ found, total }) => [found.length, total])).toEqual([
          [1, 3],
          [1, 3]
        ])
        expect(pages[0]?.found[0]?.path).not.toBe(pages[1]?.found[0]?.path)
      })
    )

    it.effect("sorts when asked", () =>
      Effect.gen(function* () {
        const sorted = (typed: string) =>
          Effect.map(Search.search(typed), ({ found }) => found.map(({ durationSeconds }) => durationSeconds))
        expect(yield* sorted("type:audio sort:duration")).toEqual([30, 95, 240])
        expect(yield* sorted("rain sort:-duration")).toEqual([95, 30])
        expect(yield* sorted("emotion:sad OR emotion:happy sort:-duration")).toEqual([95, 30])
      })
    )

    it.effect("points at each place that it doesn't understand, and says what was meant", () =>
      Effect.gen(function* () {
        const fault = (typed: string) =>
          Effect.map(Effect.flip(Search.search(typed, { saved })), (error) => ({
            code: error.code,
            parts:
              error._tag === "SearchError" ? error.faults.map(({ end, meant, start }) => [typed.slice(start, end), meant]) : []
          }))
        expect(yield* fault("rain emotoin:sad")).toEqual({ code: "FieldUnknown", parts: [["emotoin", "emotion:"]] })
        expect(yield* fault("-durtion:>60 sort:lenght")).toEqual({
          code: "FieldUnknown",
          parts: [
            ["durtion", "duration:"],
            ["lenght", undefined]
          ]
        })
        expect(yield* fault('rain "heavy wind')).toEqual({ code: "QuoteUnbalanced", parts: [['"heavy wind', '"heavy wind"']] })
        expect(yield* fault("(name:rain OR name:wind) calm")).toEqual({
          code: "FieldUnknown",
          parts: [["(name:rain", "name:rain"]]
        })
        expect(yield* fault("emotion: sad")).toEqual({ code: "ValueMissing", parts: [["emotion:", undefined]] })
        expect(yield* fault("duration:long")).toEqual({ code: "RangeUnreadable", parts: [["long", undefined]] })
        expect(yield* fault("added:2026-13")).toEqual({ code: "RangeUnreadable", parts: [["2026-13", undefined]] })
        expect(yield* fault("missing:captoin")).toEqual({ code: "ValueUnknown", parts: [["captoin", "missing:caption"]] })
        expect(yield* fault("rain -sort:duration")).toEqual({ code: "ValueUnknown", parts: [["duration", "sort:-duration"]] })
        expect(yield* fault("saved:lout")).toEqual({ code: "ValueUnknown", parts: [["lout", "saved:loud"]] })
        const unknown = yield* Effect.flip(Search.search("rain colour:red"))
        expect(unknown.message).toContain("there are: emotion, instruments, quality, name")
        expect(unknown.message.split("\n").slice(-2)).toEqual(["  rain colour:red", "       ^^^^^^"])
        expect(yield* Effect.flip(Search.search(" … "))).toMatchObject({ code: "NothingToSearch" })
      })
    )

    it.effect("says which label was probably meant when nothing has the one that was asked for", () =>
      Effect.map(Search.search("emotion:hapy"), ({ hints, total }) => {
        expect(total).toBe(0)
        expect(hints).toEqual(["No file has the label 'hapy'. Did you mean 'happy'?"])
      })
    )

    it.effect("takes two letters in each other's place for one slip", () =>
      Effect.map(Search.hints("emotion:hpapy"), (hints) => {
        expect(hints).toEqual(["No file has the label 'hpapy'. Did you mean 'happy'?"])
      })
    )

    it.effect("counts labels, of the library and of what is found", () =>
      Effect.gen(function* () {
        const emotions = (facets: ReadonlyArray<Search.Facet>) =>
          facets.filter(({ vocabulary }) => vocabulary === "emotion").map(({ files, label }) => `${label} ${files}`)
        expect(emotions(yield* Search.facets)).toEqual(["calm 1", "happy 1", "sad 1"])
        expect(emotions(yield* Search.facetsOf(""))).toEqual(["calm 1", "happy 1", "sad 1"])
        expect(emotions(yield* Search.facetsOf("thunder"))).toEqual(["calm 1", "sad 1"])
        expect(emotions(yield* Search.facetsOf("emotion:sad duration:>60"))).toEqual(["calm 1", "sad 1"])
      })
    )

    const codes = ["NothingToSearch", "FieldUnknown", "RangeUnreadable", "QuoteUnbalanced", "ValueUnknown", "ValueMissing"]
    const typed = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.stringOf(
        fc.constantFrom(
          '"',
          "-",
          "*",
          ":",
          "OR",
          " ",
          "(",
          ")",
          "rain",
          "emotion",
          "雨",
          "「",
          "AND",
          "NEAR",
          "^",
          "{",
          "tempo:",
          "has:",
          "sort:",
          "added:",
          "failed:",
          "<7d",
          "..",
          "1",
          "\0",
          "'",
          ";"
        ),
        { maxLength: 12 }
      )
    )
    it.effect.prop("takes whatever is typed", [typed], ([typed]) =>
      Effect.map(Effect.either(Search.search(typed)), (outcome) => {
        if (outcome._tag === "Left") expect(codes, `${typed}: ${outcome.left.message}`).toContain(outcome.left.code)
      })
    )
  })
})
