import { describe, expect, it } from "@effect/vitest"
import { StateFolder } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SourceFile } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { SampleMedia } from "../testing/index.js"
import { acoustic } from "./Acoustic.js"
import { describe as describeStage } from "./Describe.js"
import { ingest } from "./Ingest.js"
import { probe } from "./Probe.js"
import { transcode } from "./Transcode.js"
import { transcodeVideo } from "./TranscodeVideo.js"
import { waveform } from "./Waveform.js"

const folder = Effect.acquireRelease(
  Effect.promise(() => fs.mkdtemp(join(tmpdir(), "mediaspool-stages-"))),
  (path) => Effect.promise(() => fs.rm(path, { recursive: true, force: true }))
)

/** The engine that is here, in a state folder of its own. */
const engine = MediaEngine.layer.pipe(
  Layer.provideMerge(
    Layer.scoped(
      StateFolder,
      Effect.map(folder, (path) => ({ path, temporary: path, child: () => Effect.void }))
    )
  )
)

const wav = (sound: SampleMedia.Sound, shape: SampleMedia.Shape = {}) =>
  Effect.gen(function* () {
    const file = yield* SampleMedia.writeWav(
      (yield* StateFolder).path,
      sound,
      shape,
      `${sound}-${JSON.stringify(shape).length}.wav`
    )
    return yield* ingest.run({ original: file }, {})
  })
const avi = (sound: SampleMedia.Sound | undefined, shape: SampleMedia.Shape = {}) =>
  Effect.gen(function* () {
    const file = yield* SampleMedia.write((yield* StateFolder).path, `${sound ?? "mute"}.avi`, SampleMedia.avi(sound, shape))
    return yield* ingest.run({ original: file }, {})
  })

const listen = (file: SourceFile) =>
  acoustic.run({ file }, { silenceThreshold: -50, silenceSeconds: 0.5, truePeak: true, music: true, musicSeconds: 120 })
const remove = (path: string) => Effect.promise(() => fs.rm(path, { force: true }))

describe("stages on real media", () => {
  it.layer(engine, { timeout: "60 seconds" })((it) => {
    it.effect("measure a tone, drums, chords, noise and silence", () =>
      Effect.gen(function* () {
        const sounds = ["tone", "drums", "chords", "noise", "silence", "clipped"] as const
        const all = yield* Effect.forEach(sounds, (sound) => Effect.flatMap(wav(sound, { seconds: 6 }), listen), {
          concurrency: "unbounded"
        })
        const [tone, drums, chords, noise, silence, clipped] = all
        expect(
          all.every(
            ({ channels, durationSeconds, sampleRate }) =>
              channels === 1 && sampleRate === 44_100 && Math.abs(durationSeconds - 6) < 0.1
          )
        ).toBe(true)
        expect(tone).toMatchObject({ clippedSamples: 0, silences: [], silenceRatio: 0, tempo: undefined, key: undefined })
        expect(tone?.samplePeak).toBeCloseTo(-6, 0)
        expect(tone?.truePeak).toBeCloseTo(-6, 0)
        expect(Math.abs((tone?.brightness ?? 0) - 440)).toBeLessThan(60)
        expect(tone?.noisiness).toBeLessThan(noise?.noisiness ?? 0)
        expect(drums?.tempo?.beatsPerMinute).toBeCloseTo(120, -0.5)
        expect(chords?.key).toMatchObject({ tonic: "C", mode: "major" })
        expect(silence?.silenceRatio).toBeGreaterThan(0.99)
        expect(silence).toMatchObject({ integratedLoudness: undefined, samplePeak: undefined, tempo: undefined, key: undefined })
        expect(clipped?.clippedSamples).toBeGreaterThan(1000)
      })
    )

    it.effect("describe what they measured, and only that", () =>
      Effect.gen(function* () {
        const said = yield* Effect.forEach(["drums", "silence"] as const, (sound) =>
          Effect.gen(function* () {
            const file = yield* wav(sound, { seconds: 5, channels: 2 })
            const caption = yield* describeStage.run({ sound: yield* listen(file), probe: yield* probe.run({ file }, {}) }, {})
            return caption.text
          })
        )
        expect(said[0]).toMatch(/stereo.*5.0 seconds|5.0 seconds.*stereo/i)
        expect(said[0]).toMatch(/pulse of about 120 beats/)
        expect(said[1]).toMatch(/silent/)
        expect(said[1]).not.toMatch(/LUFS|pulse|tones/)
      })
    )

    it.effect("make a copy for speech models, and draw the level", () =>
      Effect.gen(function* () {
        const file = yield* wav("speech", { channels: 2 })
        const [copy, picture] = yield* Effect.all(
          [
            transcode.run({ file }, { format: "mp3", sampleRate: 16_000, channels: 1, bitrate: 24_000 }),
            waveform.run({ file }, { width: 300, height: 60, colour: "#336699" })
          ],
          { concurrency: "unbounded" }
        )
        expect(copy).toMatchObject({ container: "mp3", codec: "mp3", sampleRate: 16_000, channels: 1 })
        expect(copy.durationSeconds).toBeCloseTo(3, 0)
        expect(copy.file.size).toBeLessThan(13_000)
        const png = yield* Effect.promise(() => fs.readFile(picture.image.path))
        expect([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(["PNG", 300, 60])
        yield* Effect.forEach([copy.file.path, picture.image.path], remove)
      })
    )

    it.effect.each(["mp3", "m4a", "aac", "ogg", "opus", "flac", "wav"] as const)(
      "keep a copy as %s under its ceiling",
      (format) =>
        Effect.gen(function* () {
          const maxSize = format === "flac" || format === "wav" ? 300_000 : 30_000
          const copy = yield* transcode.run({ file: yield* wav("noise") }, { format, maxSize })
          expect(copy.file.size).toBeLessThanOrEqual(maxSize)
          expect((yield* Effect.promise(() => fs.stat(copy.file.path))).size).toBe(copy.file.size)
          expect(copy.durationSeconds).toBeCloseTo(3, 0)
          yield* remove(copy.file.path)
        })
    )

    it.effect("refuse a ceiling that can't be met, and leave no file", () =>
      Effect.gen(function* () {
        const file = yield* wav("noise")
        for (const config of [
          { format: "mp3", maxSize: 5000 },
          { format: "flac", maxSize: 50_000 }
        ] as const)
          expect(yield* Effect.flip(transcode.run({ file }, config))).toMatchObject({ code: "TooLarge", retry: "never" })
      })
    )

    it.effect("copy a video", () =>
      Effect.gen(function* () {
        const copy = yield* transcodeVideo.run({ file: yield* avi("tone") }, { format: "mp4", maxHeight: 24 })
        expect(copy).toMatchObject({ container: "mp4", height: 24, width: 32 })
        expect(copy.audioCodec).toBe("aac")
        yield* remove(copy.file.path)
      })
    )

    it.effect("skip what doesn't apply", () =>
      Effect.gen(function* () {
        const mute = yield* avi(undefined)
        expect(yield* Effect.flip(listen(mute))).toMatchObject({ code: "NoAudio", retry: "skip" })
        expect(yield* Effect.flip(transcode.run({ file: mute }, { format: "mp3" }))).toMatchObject({
          code: "NoAudio",
          retry: "skip"
        })
        const sound = yield* wav("tone")
        expect(yield* Effect.flip(transcodeVideo.run({ file: sound }, { format: "mp4" }))).toMatchObject({
          code: "NoVideo",
          retry: "skip"
        })
      })
    )

    it.effect("say what is wrong with a damaged file", () =>
      Effect.gen(function* () {
        const whole = SampleMedia.wav("tone")
        const file = yield* SampleMedia.write((yield* StateFolder).path, "cut.wav", whole.subarray(0, 30))
        const source = yield* ingest.run({ original: file }, {})
        for (const outcome of [Effect.asVoid(probe.run({ file: source }, {})), Effect.asVoid(listen(source))])
          expect(yield* Effect.flip(outcome)).toMatchObject({ _tag: "MediaError", retry: "never" })
      })
    )
  })
})
