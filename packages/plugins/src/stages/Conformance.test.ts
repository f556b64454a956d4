import { describe, expect, it } from "@effect/vitest"
import { Conformance } from "@mediaspool/core/testing"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { builtins } from "../builtins.js"
import { Acoustics, Caption, SourceFile } from "../kinds.js"
import { libraryPlugin } from "../LibraryPlugin.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { mediaPlugin } from "../MediaPlugin.js"
import { SampleMedia } from "../testing/index.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { acoustic } from "./Acoustic.js"
import { describe as describeStage } from "./Describe.js"
import { ingest } from "./Ingest.js"
import { persist } from "./Persist.js"
import { probe } from "./Probe.js"
import { quality } from "./Quality.js"
import { transcode } from "./Transcode.js"
import { transcodeVideo } from "./TranscodeVideo.js"
import { waveform } from "./Waveform.js"

const folder = Effect.acquireRelease(
  Effect.promise(() => fs.mkdtemp(join(tmpdir(), "mediaspool-conformance-"))),
  (path) => Effect.promise(() => fs.rm(path, { recursive: true, force: true }))
)
const files = Effect.gen(function* () {
  const path = yield* folder
  const source = (name: string, bytes: Uint8Array, mediaType: string) =>
    Effect.map(SampleMedia.write(path, name, bytes), (file) => new SourceFile({ file, mediaType }))
  return {
    sound: yield* source("drums.wav", SampleMedia.wav("drums", { seconds: 1, channels: 2 }), "audio/wav"),
    video: yield* source("tone.avi", SampleMedia.avi("tone", { seconds: 1 }), "video/vnd.avi"),
    mute: yield* source("mute.avi", SampleMedia.avi(undefined, { seconds: 1 }), "video/vnd.avi"),
    letter: yield* source("letter.mp3", Buffer.from("Dear diary"), "audio/mpeg")
  }
})
const media = { plugin: mediaPlugin }
/** What decodes from a media file. */
const decoded = Effect.map(
  MediaEngine,
  (engine) => (path: string) =>
    Effect.flatMap(SampleMedia.original(path), (file) => engine.probe(file)).pipe(
      Effect.map(({ container, durationSeconds, streams }) => ({
        container,
        tenths: Math.round(durationSeconds * 10),
        streams: streams.map(({ channels = 0, codec, height = 0, sampleRate = 0, width = 0 }) => [
          codec,
          sampleRate,
          channels,
          width,
          height
        ])
      })),
      Effect.orDie
    )
)
const engine = MediaEngine.layer.pipe(Layer.provide(TemporaryFolder.state))
const numbers = new Acoustics({
  durationSeconds: 2,
  channels: 1,
  sampleRate: 8000,
  silences: [],
  silenceRatio: 0,
  clippedSamples: 0
})
const caption = new Caption({ text: "Rain.", segments: [], model: "m", provider: "x", omitted: [] })

/** Every sample runs six times; on a busy machine that takes a while. */
const SLOW = 180_000

describe("built-in stages keep to what every stage promises:", () => {
  it.scopedLive(
    "ingest and probe",
    () =>
      Effect.gen(function* () {
        const { letter, mute, sound } = yield* files
        const ingested = [{ inputs: { original: sound.file } }, { inputs: { original: letter.file }, fails: "NotMedia" }]
        expect(yield* Conformance.check(ingest, ingested, media)).toEqual([])
        const probed = [{ inputs: { file: sound } }, { inputs: { file: mute } }]
        expect(yield* Conformance.check(probe, probed, media)).toEqual([])
      }),
    SLOW
  )

  it.scopedLive(
    "acoustic, quality and waveform",
    () =>
      Effect.gen(function* () {
        const { mute, sound } = yield* files
        const samples = [{ inputs: { file: sound } }, { inputs: { file: mute }, fails: "NoAudio" }]
        expect(yield* Conformance.check(acoustic, samples, media)).toEqual([])
        expect(yield* Conformance.check(waveform, samples, media)).toEqual([])
        expect(yield* Conformance.check(quality, samples, media)).toEqual([])
      }),
    SLOW
  )

  it.scopedLive(
    "transcode and transcode-video",
    () =>
      Effect.gen(function* () {
        const { mute, sound, video } = yield* files
        const like = { ...media, properties: yield* decoded }
        const copies = [
          { inputs: { file: sound }, with: { format: "mp3", sampleRate: 16_000, channels: 1, maxSize: "20kB" } } as const,
          { inputs: { file: sound }, with: { maxSize: 2000 }, fails: "TooLarge" },
          { inputs: { file: mute }, fails: "NoAudio" }
        ]
        expect(yield* Conformance.check(transcode, copies, like)).toEqual([])
        const videos = [
          { inputs: { file: video }, with: { maxHeight: 24 } },
          { inputs: { file: sound }, fails: "NoVideo" }
        ]
        expect(yield* Conformance.check(transcodeVideo, videos, like)).toEqual([])
      }).pipe(Effect.provide(engine)),
    SLOW
  )

  it.scopedLive(
    "describe and persist",
    () =>
      Effect.gen(function* () {
        const { sound } = yield* files
        expect(yield* Conformance.check(describeStage, [{ inputs: { sound: numbers, probe: undefined } }], media)).toEqual([])
        const results = [
          { node: "acoustic", value: numbers },
          { node: "describe", value: caption }
        ]
        expect(yield* Conformance.check(persist, [{ inputs: { file: sound, results } }], { plugin: libraryPlugin })).toEqual([])
      }),
    SLOW
  )

  it.each(builtins.flatMap(({ stages }) => stages).map((stage) => [stage.name, stage] as const))(
    "%s finds its old results",
    (_, stage) => {
      expect(Conformance.keys(stage)).toMatchSnapshot()
    }
  )
})
