import { Field, Stage, StateFolder } from "@mediaspool/core"
import { Effect, Option, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Acoustics, SourceFile, Span } from "../kinds.js"
import { MediaEngine, type Input } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import * as MusicalKey from "./acoustic/MusicalKey.js"
import * as Tempo from "./acoustic/Tempo.js"

const Config = Schema.Struct({
  silenceThreshold: Field.withDefault(Schema.Number.pipe(Schema.between(-120, 0)), -50, "Level in dBFS below which it is silent"),
  silenceSeconds: Field.withDefault(Schema.Positive, 0.5, "Seconds that a silence must last to count"),
  truePeak: Field.withDefault(Schema.Boolean, true, "Whether peaks between the samples are looked for; it costs some time"),
  music: Field.withDefault(Schema.Boolean, true, "Whether tempo and key are estimated"),
  musicSeconds: Field.withDefault(
    Schema.Number.pipe(Schema.between(5, 600)),
    120,
    "Seconds from the start that tempo and key are estimated from"
  )
})

/** Hz; enough for beats and for notes up to the fourth octave and their overtones. */
const SAMPLE_RATE = 11_025

/** A place for samples while the scope is open. In a run it lies in the state folder, which the next start tidies up. */
const temporaryPath = Effect.gen(function* () {
  const folder = Option.match(yield* Effect.serviceOption(StateFolder), { onNone: tmpdir, onSome: ({ temporary }) => temporary })
  return yield* Effect.acquireRelease(Effect.succeed(join(folder, `samples-${randomUUID()}.f32`)), (path) =>
    Effect.promise(() => fs.rm(path, { force: true }))
  )
})

const readSamples = (path: string) =>
  Effect.tryPromise({
    try: async () => {
      const bytes = await fs.readFile(path)
      const aligned = bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer)
      return new Float32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / 4))
    },
    catch: (cause) => new MediaError({ code: "EngineFailed", detail: `the samples can't be read: ${String(cause)}` })
  })

/** One file's samples in memory at a time: side by side they would be ready no sooner. */
const turn = Effect.unsafeMakeSemaphore(1).withPermits(1)

const estimate = (path: string) =>
  Effect.gen(function* () {
    const samples = yield* readSamples(path)
    return {
      tempo: yield* Tempo.estimate(samples, SAMPLE_RATE),
      key: yield* MusicalKey.estimate(samples, SAMPLE_RATE),
      musicSeconds: rounded(samples.length / SAMPLE_RATE, 2)
    }
  }).pipe(turn)

const music = (input: Input, maxSeconds: number) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const path = yield* temporaryPath
    yield* engine.ask(input, { _tag: "Samples", path, sampleRate: SAMPLE_RATE, maxSeconds })
    return yield* estimate(path)
  }).pipe(Effect.scoped)

const rounded = (value: number | undefined, digits: number): number | undefined =>
  value === undefined || !Number.isFinite(value) ? undefined : Math.round(value * 10 ** digits) / 10 ** digits

/** Measures the sound: levels, silences, spectrum, and tempo and key where there are any. */
export const acoustic = Stage.make({
  name: "acoustic",
  version: 1,
  summary: "Measures loudness, peaks, silences, clipping, brightness, noisiness, tempo and key",
  input: { file: SourceFile },
  output: Acoustics,
  config: Config,
  error: MediaError,
  run: ({ file: { file } }, config) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      // All at once, so that they share one decode.
      const { levels, loudness, probe, silences, spectrum, heard } = yield* Effect.all(
        {
          probe: engine.probe(file),
          loudness: engine.ask(file, { _tag: "Loudness", truePeak: config.truePeak }),
          levels: engine.ask(file, { _tag: "Levels" }),
          spectrum: engine.ask(file, { _tag: "Spectrum" }),
          silences: engine.ask(file, {
            _tag: "Silences",
            threshold: config.silenceThreshold,
            minimumSeconds: config.silenceSeconds
          }),
          heard: config.music ? music(file, config.musicSeconds) : Effect.succeed({})
        },
        { concurrency: "unbounded" }
      )
      const sound = probe.streams.find(({ type }) => type === "audio")
      if (sound?.sampleRate === undefined || sound.channels === undefined)
        return yield* new MediaError({ code: "NoAudio", detail: "the file has no sound" })
      const silentSeconds = silences.reduce((sum, { endSeconds, startSeconds }) => sum + endSeconds - startSeconds, 0)
      return new Acoustics({
        durationSeconds: probe.durationSeconds,
        channels: sound.channels,
        sampleRate: sound.sampleRate,
        silences: silences.map((span) => new Span(span)),
        silenceRatio: Math.min(1, rounded(silentSeconds / probe.durationSeconds, 4) ?? 0),
        clippedSamples: levels.clippedSamples,
        integratedLoudness: rounded(loudness.integrated, 2),
        loudnessRange: rounded(loudness.range, 2),
        truePeak: rounded(loudness.truePeak, 2),
        samplePeak: rounded(levels.peak, 2),
        rmsLevel: rounded(levels.rms, 2),
        brightness: rounded(spectrum.centroid, 0),
        noisiness: rounded(spectrum.flatness, 4),
        ...heard
      })
    }),
  examples: [
    { title: "Only the numbers that need no estimate", with: { music: false } },
    { title: "Pauses in speech", with: { silenceThreshold: -40, silenceSeconds: 0.3 } }
  ]
})
