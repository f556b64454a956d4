import { describe, expect, it } from "@effect/vitest"
import type { Original } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import * as Wav from "../testing/Wav.js"
import { ffmpeg, hasFfmpeg } from "./Ffmpeg.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)
if (!hasFfmpeg) console.warn("Skipped: files that only ffmpeg makes (sound that begins late, gaps, several tracks).")

/** Engines as people have them: both installed (ffmpeg asks node-av for what it can't do), and node-av alone. */
const ways = installed.length > 1 ? (["auto", "node-av"] as const) : installed
const live = (engine: (typeof ways)[number]) => MediaEngine.with({ engine }).pipe(Layer.provide(TemporaryFolder.state))

const measured = (file: Original) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const path = `${file.path}.copy.wav`
    const found = yield* Effect.all(
      {
        copy: engine.ask(file, { _tag: "AudioCopy", path, container: "wav", codec: "pcm_s16le" }),
        levels: engine.ask(file, { _tag: "Levels" }),
        silences: engine.ask(file, { _tag: "Silences", threshold: -50, minimumSeconds: 0.5 })
      },
      { concurrency: "unbounded" }
    )
    return { ...found, probe: yield* engine.probe(file) }
  })

/** A file made of others, one behind the other. */
const joined = (folder: string, name: string, parts: ReadonlyArray<Original>) =>
  Effect.flatMap(
    Effect.promise(() => Promise.all(parts.map(({ path }) => fs.readFile(path)))),
    (bytes) => SampleMedia.write(folder, name, Buffer.concat(bytes))
  )

describe.each(ways)("the length and the levels of everything that was recorded, with %s", (way) => {
  it.scoped.each(["ogg", "opus", "mp3", "aac"] as const)(
    "%s files behind each other are one sound",
    (format) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const parts = yield* Effect.forEach([2, 3], (seconds) =>
          EncodedMedia.sound(folder, "tone", format, { seconds, sampleRate: 48000 }, `${seconds}.${format}`)
        )
        const alone = yield* measured(parts[0] ?? (yield* Effect.die("no part")))
        const both = yield* measured(yield* joined(folder, `both.${format}`, parts))
        expect(both.probe.durationSeconds).toBeCloseTo(5, 0)
        expect(Math.abs(both.copy.durationSeconds - 5)).toBeLessThan(0.15)
        expect(Math.abs((both.levels.rms ?? 0) - (alone.levels.rms ?? 0))).toBeLessThan(0.7)
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.runIf(installed.includes("node-av"))(
    "a chained Ogg whose links have other rates and channels is heard whole",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const first = yield* EncodedMedia.sound(folder, "tone", "ogg", { seconds: 2, sampleRate: 48000 }, "1.ogg")
        const second = yield* EncodedMedia.sound(folder, "tone", "ogg", { seconds: 2, sampleRate: 32000, channels: 2 }, "2.ogg")
        const { copy, probe, silences } = yield* measured(yield* joined(folder, "both.ogg", [first, second]))
        expect(Math.abs(copy.durationSeconds - 4)).toBeLessThan(0.15)
        expect(Math.abs(probe.durationSeconds - 4)).toBeLessThan(0.15)
        expect(silences).toEqual([])
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.runIf(hasFfmpeg && installed.includes("node-av"))(
    "a chained Ogg whose links have other codecs is heard whole",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const parts = yield* Effect.forEach(["libvorbis", "libopus", "flac"], (codec) =>
          ffmpeg(folder, `${codec}.ogg`, "-f", "lavfi", "-i", "aevalsrc=0.3*sin(2*PI*440*t):d=2:s=48000", "-c:a", codec)
        )
        const { copy, probe, silences } = yield* measured(yield* joined(folder, "radio.ogg", parts))
        expect([probe.durationSeconds, copy.durationSeconds].map(Math.round)).toEqual([6, 6])
        expect(silences).toEqual([])
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.each([
    ["0", "00000000"],
    ["the highest number", "ffffffff"],
    ["what sox writes into a pipe", "24f0ff7f"]
  ])(
    "a WAV whose header says %s is whole",
    ([, size]) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const bytes = SampleMedia.wav("tone", { seconds: 2 })
        bytes.write(size ?? "", 4, "hex")
        const { copy, probe } = yield* measured(yield* SampleMedia.write(folder, "recorded.wav", bytes))
        expect([probe.durationSeconds, copy.durationSeconds]).toEqual([2, 2])
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped(
    "a RIFX is a WAV with its bytes turned",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const little = SampleMedia.wav("tone", { seconds: 2 })
        const big = Buffer.from(little)
        big.write("RIFX", 0, "latin1")
        for (const at of [4, 16, 24, 28, 40]) big.writeUInt32BE(little.readUInt32LE(at), at)
        for (const at of [20, 22, 32, 34]) big.writeUInt16BE(little.readUInt16LE(at), at)
        big.set(Buffer.from(little.subarray(44)).swap16(), 44)
        const one = yield* measured(yield* SampleMedia.write(folder, "little.wav", little))
        const other = yield* measured(yield* SampleMedia.write(folder, "big.wav", big))
        expect(other.levels).toEqual(one.levels)
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped(
    "24 bits that stand in 32 are heard as loud as they are",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const count = 48_000
        // WAVEFORMATEXTENSIBLE: one channel, 24 of 32 bits valid, PCM.
        const format = Buffer.from("feff010080bb000000ee02000400200016001800040000000100000000001000800000aa00389b71", "hex")
        const samples = Buffer.alloc(4 * count)
        for (let i = 0; i < count; i++)
          samples.writeInt32LE(Math.max(-0x800000, Math.min(0x7fffff, Math.round(0x1000000 * Math.sin(i / 7)))) * 256, 4 * i)
        const bytes = Wav.chunk("RIFF", Buffer.from("WAVE"), Wav.chunk("fmt ", format), Wav.chunk("data", samples))
        const { copy, levels } = yield* measured(yield* SampleMedia.write(folder, "padded.wav", bytes))
        expect(levels.peak).toBe(0)
        expect(levels.clippedSamples / count).toBeCloseTo(2 / 3, 1)
        expect(copy.durationSeconds).toBeCloseTo(1, 2)
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.each(hasFfmpeg ? ["mkv", "ts"] : [])(
    "sound that begins late in a %s keeps the file's time",
    (format) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const sound = `aevalsrc=0.3*sin(2*PI*440*t)*(1-between(t\\,1\\,2)):d=3:s=48000`
        const video = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=6", "-itsoffset", "2.5", "-f", "lavfi", "-i", sound]
        const file = yield* ffmpeg(folder, `late.${format}`, ...video, "-pix_fmt", "yuv420p", "-c:a", "aac")
        const { copy, probe, silences } = yield* measured(file)
        expect(Math.abs(probe.durationSeconds - 6)).toBeLessThan(0.1)
        expect(Math.abs((copy.startSeconds ?? 0) - 2.5)).toBeLessThan(0.1)
        expect(silences).toHaveLength(1)
        expect(Math.abs((silences[0]?.startSeconds ?? 0) - 3.5)).toBeLessThan(0.1)
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.runIf(hasFfmpeg && installed.includes("node-av"))(
    "three recordings of a browser behind each other are one sound",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const sound = `aevalsrc=0.3*sin(2*PI*440*t)*(1-between(t\\,1\\,2)):d=3:s=48000`
        const part = yield* ffmpeg(folder, "part.webm", "-f", "lavfi", "-i", sound, "-c:a", "libopus")
        const { copy, probe, silences } = yield* measured(yield* joined(folder, "all.webm", [part, part, part]))
        expect([probe.durationSeconds, copy.durationSeconds].map(Math.round)).toEqual([9, 9])
        expect(silences.map(({ startSeconds }) => Math.round(startSeconds))).toEqual([1, 4, 7])
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.each(
    hasFfmpeg
      ? [
          ["avi", "libmp3lame", "mpeg4", 0],
          ["asf", "wmav2", "msmpeg4v3", 2],
          // Nothing of the sound is among the first five seconds.
          ["mkv", "flac", "ffv1", 6]
        ]
      : []
  )(
    "sound that begins late in a %s is no damage",
    ([format, codec, video, start]) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const late = format === "mkv" ? "6" : "2"
        const inputs = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=8", "-itsoffset", late, "-f", "lavfi", "-i", "sine=d=2"]
        const file = yield* ffmpeg(folder, `late.${format}`, ...inputs, "-c:v", String(video), "-c:a", String(codec))
        const { copy } = yield* measured(file)
        expect([copy.startSeconds ?? 0, copy.durationSeconds].map(Math.round)).toEqual([start, 2])
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.each(hasFfmpeg ? ["mpg", "ts", "mka", "ogg", "mp3"] : [])(
    "a window of a %s is what is heard there",
    (format) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const sound = "aevalsrc=0.25*sin(2*PI*(400+200*floor(t))*t):d=8:s=48000"
        const file = yield* ffmpeg(folder, `steps.${format}`, "-f", "lavfi", "-i", sound)
        const engine = yield* MediaEngine
        const pitches = yield* Effect.forEach([0, 2, 5, 7], (second) =>
          Effect.gen(function* () {
            const cut = { startSeconds: second + 0.15, durationSeconds: 0.7 }
            const path = `${folder}/${second}.wav`
            yield* engine.ask(file, { _tag: "AudioCopy", path, container: "wav", codec: "pcm_s16le", cut })
            return yield* engine.ask(yield* SampleMedia.original(path), { _tag: "Spectrum" })
          })
        )
        expect(pitches.map(({ centroid = 0 }) => Math.round((centroid - 400) / 200))).toEqual([0, 2, 5, 7])
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.each(
    hasFfmpeg
      ? [
          ["m4a", "aac"],
          ["ts", "aac"]
        ]
      : []
  )(
    "a gap in a %s is silence of its length",
    ([format, codec]) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const source = ["-f", "lavfi", "-i", "sine=440:d=6:r=48000", "-af", "aselect=lt(t\\,2)+gte(t\\,4)"]
        const { copy, silences } = yield* measured(yield* ffmpeg(folder, `gap.${format}`, ...source, "-c:a", codec ?? ""))
        expect(Math.abs(copy.durationSeconds - 6)).toBeLessThan(0.1)
        expect(silences.map(({ endSeconds, startSeconds }) => Math.round(endSeconds - startSeconds))).toEqual([2])
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.runIf(hasFfmpeg)(
    "of several tracks the default one is heard, or the one that is asked for",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const tones = [10, 20, 40].flatMap((part) => ["-f", "lavfi", "-i", `aevalsrc=${1 / part}*sin(2*PI*440*t):d=2:s=48000`])
        const languages = ["eng", "ger", "fre"].flatMap((language, n) => [`-metadata:s:a:${n}`, `language=${language}`])
        const marks = ["-disposition:a:0", "0", "-disposition:a:1", "0", "-disposition:a:2", "default"]
        const maps = ["-map", "0", "-map", "1", "-map", "2", "-c:a", "flac"]
        const file = yield* ffmpeg(folder, "three.mka", ...tones, ...maps, ...languages, ...marks)
        const engine = yield* MediaEngine
        const peak = (track?: "first" | number | { readonly language: string }) =>
          Effect.map(engine.ask(file, { _tag: "Levels", ...(track === undefined ? {} : { track }) }), ({ peak }) =>
            Math.round(peak ?? 0)
          )
        const asked = [undefined, "first", 2, { language: "de" }] as const
        expect(yield* Effect.forEach(asked, peak, { concurrency: "unbounded" })).toEqual([-32, -20, -26, -26])
        const { streams } = yield* engine.probe(file)
        expect(streams.map(({ chosen, language }) => [language, chosen === true])).toEqual([
          ["en", false],
          ["de", false],
          ["fr", true]
        ])
        const missing = yield* Effect.flip(engine.ask(file, { _tag: "Levels", track: { language: "it" } }))
        expect([missing.code, missing.detail]).toEqual([
          "NoAudio",
          "the file has no such track; it has these: 1 (en), 2 (de), 3 (fr)"
        ])
      }).pipe(Effect.provide(live(way))),
    60_000
  )
})
