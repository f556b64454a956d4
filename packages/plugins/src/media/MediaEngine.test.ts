import { describe, expect, it, layer } from "@effect/vitest"
import { Original } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import { render } from "../testing/Synthesis.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { type AudioCopy, type Input, MediaEngine, type MediaRequest } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)
const live = (engine: InstalledEngines.EngineName) => MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state))

const ask = <const R extends MediaRequest>(input: Input, request: R) =>
  Effect.flatMap(MediaEngine, (engine) => engine.ask(input, request))
const decibels = (ratio: number) => 20 * Math.log10(ratio)

/** Everything that is measured. */
const measured = (file: Input) =>
  Effect.all(
    {
      loudness: ask(file, { _tag: "Loudness", truePeak: true }),
      levels: ask(file, { _tag: "Levels" }),
      silences: ask(file, { _tag: "Silences", threshold: -50, minimumSeconds: 0.3 }),
      spectrum: ask(file, { _tag: "Spectrum" })
    },
    { concurrency: "unbounded" }
  )

const copyTo = (path: string, container: AudioCopy["container"], codec: string, more: Partial<AudioCopy> = {}): AudioCopy => ({
  _tag: "AudioCopy",
  path,
  container,
  codec,
  ...more
})

it("has something to read media with", () => expect(installed.length).toBeGreaterThan(0))

for (const engine of installed)
  layer(live(engine), { timeout: "60 seconds" })(`MediaEngine with ${engine}`, (it) => {
    it.scoped(
      "measures what was synthesised",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const files = yield* Effect.forEach(SampleMedia.sounds, (sound) => SampleMedia.writeWav(folder, sound))
          const results = yield* Effect.forEach(files, measured, { concurrency: "unbounded" })
          const of = (sound: SampleMedia.Sound) => {
            const result = results[SampleMedia.sounds.indexOf(sound)]
            if (result === undefined) throw new Error(sound)
            return result
          }
          // A sine of half of full scale.
          expect(of("tone").levels.peak).toBeCloseTo(decibels(0.5), 1)
          expect(of("tone").levels.rms).toBeCloseTo(decibels(0.5 / Math.SQRT2), 1)
          expect(of("tone").loudness.integrated).toBeCloseTo(-9.7, 0)
          expect(of("tone").loudness.truePeak).toBeCloseTo(decibels(0.5), 0)
          expect(of("tone").spectrum.centroid).toBeGreaterThan(380)
          expect(of("tone").spectrum.centroid).toBeLessThan(520)
          expect(of("tone").spectrum.flatness).toBeLessThan(0.05)
          expect(of("tone").silences).toEqual([])
          // Even noise up to 0.3: its level is 0.3 / √3, and it fills the 12 kHz that are looked at.
          expect(of("noise").levels.rms).toBeCloseTo(decibels(0.3 / Math.sqrt(3)), 1)
          expect(of("noise").spectrum.centroid).toBeGreaterThan(10_500)
          expect(of("noise").spectrum.centroid).toBeLessThan(11_500)
          expect(of("noise").spectrum.flatness).toBeGreaterThan(0.4)
          // Nothing measured where there is nothing.
          expect(of("silence").loudness).toEqual({})
          expect(of("silence").levels).toEqual({ clippedSamples: 0, invalidSamples: 0 })
          expect(of("silence").spectrum).toEqual({})
          expect(of("silence").silences).toEqual([{ startSeconds: 0, endSeconds: 3 }])
          // A pause from 2.0 to 2.6.
          expect(of("speech").silences.length).toBe(1)
          expect(of("speech").silences[0]?.startSeconds).toBeCloseTo(2, 1)
          expect(of("speech").silences[0]?.endSeconds).toBeCloseTo(2.6, 1)
          const atFullScale = render("clipped", 3, 44100).filter((sample) => Math.abs(sample) === 1).length
          expect(of("clipped").levels.clippedSamples).toBe(atFullScale)
          expect(of("drums").levels.clippedSamples).toBe(0)
        }),
      120_000
    )

    it.scoped(
      "makes copies in every container, and they sound as the source",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const source = yield* SampleMedia.writeWav(folder, "chords", { channels: 2 })
          const { levels } = yield* measured(source)
          const at = (name: string) => join(folder, name)
          const requests = [
            copyTo(at("a.mp3"), "mp3", "mp3", { sampleRate: 16000, channels: 1, bitRate: 64000 }),
            copyTo(at("a.wav"), "wav", "pcm_s24le"),
            copyTo(at("a.flac"), "flac", "flac", { sampleRate: 22050 }),
            copyTo(at("a.m4a"), "m4a", "aac", { bitRate: 96000 }),
            copyTo(at("a.aac"), "aac", "aac"),
            copyTo(at("a.ogg"), "ogg", "vorbis"),
            copyTo(at("a.opus"), "opus", "opus", { bitRate: 48000 })
          ]
          const written = yield* Effect.forEach(requests, (request) => ask(source, request), { concurrency: "unbounded" })
          expect(written.map(({ codec, sampleRate, channels }) => [codec, sampleRate, channels])).toEqual([
            ["mp3", 16000, 1],
            ["pcm_s24le", 44100, 2],
            ["flac", 22050, 2],
            ["aac", 44100, 2],
            ["aac", 44100, 2],
            ["vorbis", 44100, 2],
            ["opus", 48000, 2]
          ])
          for (const [n, { durationSeconds, size }] of written.entries()) {
            const path = requests[n]?.path ?? ""
            expect(Math.abs(durationSeconds - 3), path).toBeLessThan(0.2)
            expect((yield* Effect.promise(() => fs.stat(path))).size).toBe(size)
          }
          const copies = yield* Effect.forEach(requests, ({ path }) => SampleMedia.original(path))
          const heard = yield* Effect.forEach(copies, (copy) => ask(copy, { _tag: "Levels" }), { concurrency: "unbounded" })
          for (const [n, { rms }] of heard.entries())
            // Mono from two channels, of which the second is quieter, is a little louder than both on average.
            expect(Math.abs((rms ?? -99) - (levels.rms ?? 0)), requests[n]?.path).toBeLessThan(1)
          const left = (yield* Effect.promise(() => fs.readdir(folder))).filter((name) => name.endsWith(".part"))
          expect(left).toEqual([])
        }),
      120_000
    )

    it.scoped(
      "cuts the same sound alone as with others",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const mp3 = yield* EncodedMedia.sound(folder, "noise", "mp3", { sampleRate: 16000 }, "n.mp3")
          const cut = (name: string, startSeconds: number) =>
            Effect.gen(function* () {
              const path = join(folder, name)
              yield* ask(mp3, copyTo(path, "wav", "pcm_s16le", { cut: { startSeconds, durationSeconds: 0.7 } }))
              return yield* Effect.promise(() => fs.readFile(path))
            })
          const alone = yield* cut("alone.wav", 1.9)
          const [together] = yield* Effect.all([cut("together.wav", 1.9), cut("first.wav", 0)], { concurrency: "unbounded" })
          const samples = (wav: Buffer) =>
            Array.from({ length: 1_000 }, (_, i) => wav.readInt16LE(wav.length - 2 * 11_000 + 2 * i))
          const level = (wav: Buffer) => Math.sqrt(samples(wav).reduce((sum, sample) => sum + sample ** 2, 0) / 1_000)
          expect(level(alone) / level(together)).toBeCloseTo(1, 1)
        }),
      120_000
    )

    it.scoped(
      "cuts where it is told",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const wav = yield* SampleMedia.writeWav(folder, "speech")
          const mp3 = yield* EncodedMedia.sound(folder, "speech", "mp3", {}, "s.mp3")
          const cut = (source: Input, name: string, startSeconds: number, durationSeconds: number) =>
            ask(source, copyTo(join(folder, name), "wav", "pcm_s16le", { cut: { startSeconds, durationSeconds } }))
          const [pause, word, later] = yield* Effect.all(
            [cut(wav, "pause.wav", 2.1, 0.4), cut(wav, "word.wav", 0.5, 1), cut(mp3, "later.wav", 2.15, 0.3)],
            { concurrency: "unbounded" }
          )
          expect(pause.durationSeconds).toBeCloseTo(0.4, 3)
          expect(word.durationSeconds).toBeCloseTo(1, 3)
          expect(later.durationSeconds).toBeCloseTo(0.3, 2)
          const levelOf = (name: string) =>
            Effect.flatMap(SampleMedia.original(join(folder, name)), (file) => ask(file, { _tag: "Levels" }))
          expect((yield* levelOf("pause.wav")).peak).toBeUndefined()
          expect((yield* levelOf("word.wav")).peak).toBeGreaterThan(-20)
          expect((yield* levelOf("later.wav")).peak ?? -99).toBeLessThan(-50)
          // A cut's length is not taken for the file's.
          const { durationSeconds } = yield* EncodedMedia.sound(folder, "speech", "mp3", {}, "other.mp3").pipe(
            Effect.flatMap((other) => Effect.flatMap(MediaEngine, (engine) => engine.probe(other)))
          )
          const after = yield* Effect.flatMap(MediaEngine, (engine) => engine.probe(mp3))
          expect(after.durationSeconds).toBeCloseTo(durationSeconds, 2)
        }),
      120_000
    )

    it.scoped(
      "draws the level, and gives samples",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const [tone, silence] = yield* Effect.all([
            SampleMedia.writeWav(folder, "tone"),
            SampleMedia.writeWav(folder, "silence")
          ])
          const image = (file: Input, name: string) =>
            ask(file, { _tag: "WaveformImage", path: join(folder, name), width: 300, height: 80, colour: "#3366cc" })
          const [drawn, , samples] = yield* Effect.all(
            [
              image(tone, "tone.png"),
              image(silence, "silence.png"),
              ask(tone, { _tag: "Samples", path: join(folder, "tone.f32"), sampleRate: 8000, maxSeconds: 2 })
            ],
            { concurrency: "unbounded" }
          )
          const [png, flat, raw] = yield* Effect.promise(() =>
            Promise.all(["tone.png", "silence.png", "tone.f32"].map((name) => fs.readFile(join(folder, name))))
          )
          expect(png?.length).toBe(drawn.size)
          expect([png?.readUInt32BE(16), png?.readUInt32BE(20)]).toEqual([300, 80])
          expect(png?.equals(flat ?? Buffer.alloc(0))).toBe(false)
          expect(samples.count).toBe(16000)
          expect(raw?.length).toBe(64000)
          const values = Array.from({ length: samples.count }, (_, n) => raw?.readFloatLE(n * 4) ?? 0)
          expect(Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)).toBeCloseTo(
            0.5 / Math.SQRT2,
            2
          )
        }),
      120_000
    )

    it.scoped(
      "makes copies and stills of a video",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const source = yield* SampleMedia.write(folder, "v.avi", SampleMedia.avi("chords", { scenes: 3 }))
          const at = (name: string) => join(folder, name)
          const still = (name: string, format: "png" | "jpeg", atSeconds: number) =>
            ask(source, { _tag: "Frame", path: at(name), format, atSeconds, width: 32 })
          const [small, web, first, same, other, last] = yield* Effect.all(
            [
              ask(source, {
                _tag: "VideoCopy",
                path: at("s.mp4"),
                container: "mp4",
                videoCodec: "h264",
                audioCodec: "aac",
                maxHeight: 32
              }),
              ask(source, {
                ...{
                  _tag: "VideoCopy",
                  path: at("w.webm"),
                  container: "webm",
                  videoCodec: "vp9",
                  audioCodec: "none",
                  maxHeight: 4000
                },
                cut: { startSeconds: 1, durationSeconds: 1 }
              }),
              still("1.png", "png", 0.2),
              still("2.png", "png", 0.2),
              still("3.png", "png", 1.6),
              still("4.jpg", "jpeg", 100)
            ],
            { concurrency: "unbounded" }
          )
          expect(small).toMatchObject({ videoCodec: "h264", audioCodec: "aac", height: 32 })
          expect(Math.abs(small.width - (64 * 32) / 48)).toBeLessThanOrEqual(1)
          expect(small.durationSeconds).toBeCloseTo(3, 0)
          expect(web).toMatchObject({ videoCodec: "vp9", width: 64, height: 48 })
          expect(web.audioCodec).toBeUndefined()
          expect(Math.abs(web.durationSeconds - 1)).toBeLessThan(0.15)
          expect([first, last].map(({ height, width }) => [width, height])).toEqual([
            [32, 24],
            [32, 24]
          ])
          expect(same.size).toBe(first.size)
          const [one, two, three] = yield* Effect.promise(() =>
            Promise.all(["1.png", "2.png", "3.png"].map((name) => fs.readFile(at(name))))
          )
          expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true)
          expect(one?.equals(three ?? Buffer.alloc(0))).toBe(false)
          expect(other.width).toBe(32)
          const copy = yield* SampleMedia.original(at("s.mp4"))
          const remuxed = yield* ask(copy, {
            _tag: "VideoCopy",
            path: at("r.mkv"),
            container: "mkv",
            videoCodec: "copy",
            audioCodec: "copy"
          })
          expect(remuxed).toMatchObject({ videoCodec: "h264", audioCodec: "aac", width: small.width, height: 32 })
        }),
      120_000
    )

    it.scoped(
      "says what doesn't apply, and what is too large",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const silent = yield* SampleMedia.write(folder, "silent.avi", SampleMedia.avi(undefined))
          const sound = yield* SampleMedia.writeWav(folder, "chords", { seconds: 5 })
          const failure = <R extends MediaRequest>(input: Input, request: R) =>
            Effect.map(Effect.flip(ask(input, request)), ({ code, retry }) => [code, retry])
          const path = join(folder, "out")
          expect(yield* failure(silent, { _tag: "Loudness" })).toEqual(["NoAudio", "skip"])
          expect(yield* failure(sound, { _tag: "Frame", path, format: "png", atSeconds: 0, width: 32 })).toEqual([
            "NoVideo",
            "skip"
          ])
          const click = yield* SampleMedia.writeWav(folder, "noise", { seconds: 5 / 44_100 }, "click.wav")
          expect(yield* failure(click, { _tag: "Samples", path, sampleRate: 8_000, maxSeconds: 1 })).toEqual(["TooShort", "skip"])
          expect(yield* failure(sound, copyTo(path, "wav", "pcm_s16le", { maxBytes: 100_000 }))).toEqual(["TooLarge", "never"])
          expect(yield* failure(sound, copyTo(path, "mp3", "nonesuch"))).toEqual(["CodecRefused", "never"])
          expect(yield* Effect.promise(() => fs.readdir(folder))).toEqual(["chords.wav", "click.wav", "silent.avi"])
        }),
      120_000
    )

    it.scoped(
      "answers what it can of one input when one request fails",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const source = yield* SampleMedia.writeWav(folder, "drums")
          const [copy, small, loudness] = yield* Effect.all(
            [
              Effect.either(ask(source, copyTo(join(folder, "a.mp3"), "mp3", "nonesuch"))),
              Effect.either(ask(source, copyTo(join(folder, "b.wav"), "wav", "pcm_s16le", { maxBytes: 50_000 }))),
              Effect.either(ask(source, { _tag: "Loudness" }))
            ],
            { concurrency: "unbounded" }
          )
          expect([copy._tag, small._tag, loudness._tag]).toEqual(["Left", "Left", "Right"])
        }),
      120_000
    )
  })

/** How far two engines may lie apart. They are different versions of libav. */
const tolerance = {
  loudness: 0.11,
  range: 0.31,
  peak: 0.05,
  truePeak: 0.21,
  silence: 0.03,
  centroid: 0.02,
  flatness: 0.02,
  seconds: 0.06
}

describe.runIf(installed.length > 1)("both engines", () => {
  it.scoped(
    "agree on every request, for every sound and for what lossy codecs leave of it",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const [first = "node-av", second = "ffmpeg"] = installed
        const files = yield* Effect.gen(function* () {
          const wavs = yield* Effect.forEach(SampleMedia.sounds, (sound) => SampleMedia.writeWav(folder, sound, { channels: 2 }))
          const lossy = yield* Effect.forEach(
            ["mp3", "m4a", "opus"] as const,
            (format) => EncodedMedia.sound(folder, "speech", format, { channels: 2, sampleRate: 32000 }),
            { concurrency: "unbounded" }
          )
          return [...wavs, ...lossy]
        }).pipe(Effect.provide(live(first)))
        const everything = (file: Original, engine: string) => {
          const path = (ending: string) => `${file.path}.${engine}.${ending}`
          return Effect.all(
            {
              measured: measured(file),
              copy: ask(file, copyTo(path("mp3"), "mp3", "mp3", { sampleRate: 16000, channels: 1, bitRate: 32000 })),
              wav: ask(file, copyTo(path("wav"), "wav", "pcm_s16le", { cut: { startSeconds: 0.5, durationSeconds: 1 } })),
              image: ask(file, { _tag: "WaveformImage", path: path("png"), width: 200, height: 60, colour: "#ffffff" }),
              samples: ask(file, { _tag: "Samples", path: path("f32"), sampleRate: 16000, maxSeconds: 10 })
            },
            { concurrency: "unbounded" }
          )
        }
        const by = (engine: InstalledEngines.EngineName) =>
          Effect.forEach(files, (file) => everything(file, engine), { concurrency: "unbounded" }).pipe(
            Effect.provide(live(engine))
          )
        const [one, two] = yield* Effect.all([by(first), by(second)])
        for (const [n, file] of files.entries()) {
          const [a, b] = [one[n], two[n]]
          if (a === undefined || b === undefined) throw new Error(file.path)
          const near = (x: number | undefined, y: number | undefined, by: number, what: string) => {
            expect(x === undefined, `${file.path} ${what}: ${x} ${y}`).toBe(y === undefined)
            expect(Math.abs((x ?? 0) - (y ?? 0)), `${file.path} ${what}: ${x} ${y}`).toBeLessThanOrEqual(by)
          }
          near(a.measured.loudness.integrated, b.measured.loudness.integrated, tolerance.loudness, "loudness")
          near(a.measured.loudness.range, b.measured.loudness.range, tolerance.range, "range")
          near(a.measured.loudness.truePeak, b.measured.loudness.truePeak, tolerance.truePeak, "true peak")
          near(a.measured.levels.peak, b.measured.levels.peak, tolerance.peak, "peak")
          near(a.measured.levels.rms, b.measured.levels.rms, tolerance.peak, "rms")
          near(a.measured.spectrum.flatness, b.measured.spectrum.flatness, tolerance.flatness, "flatness")
          near(1, (a.measured.spectrum.centroid ?? 1) / (b.measured.spectrum.centroid ?? 1), tolerance.centroid, "centroid")
          expect(a.measured.levels.clippedSamples).toBe(b.measured.levels.clippedSamples)
          expect(a.measured.silences.length, file.path).toBe(b.measured.silences.length)
          for (const [place, span] of a.measured.silences.entries()) {
            near(span.startSeconds, b.measured.silences[place]?.startSeconds, tolerance.silence, "start of silence")
            near(span.endSeconds, b.measured.silences[place]?.endSeconds, tolerance.silence, "end of silence")
          }
          for (const kind of ["copy", "wav"] as const) {
            near(a[kind].durationSeconds, b[kind].durationSeconds, tolerance.seconds, `${kind} duration`)
            expect([a[kind].codec, a[kind].sampleRate, a[kind].channels]).toEqual([
              b[kind].codec,
              b[kind].sampleRate,
              b[kind].channels
            ])
          }
          near(a.samples.count / 16000, b.samples.count / 16000, tolerance.seconds, "samples")
          const [left, right] = yield* Effect.promise(() =>
            Promise.all([first, second].map((engine) => fs.readFile(`${file.path}.${engine}.f32`)))
          )
          const count = Math.min(a.samples.count, b.samples.count)
          let apart = 0
          for (let i = 0; i < count; i++) apart += Math.abs((left?.readFloatLE(i * 4) ?? 0) - (right?.readFloatLE(i * 4) ?? 0))
          expect(apart / count, `${file.path} samples`).toBeLessThan(0.002)
        }
      }),
    180_000
  )
})
