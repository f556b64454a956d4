import { expect, layer } from "@effect/vitest"
import type { Original } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { ffmpeg, hasFfmpeg } from "./Ffmpeg.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)
if (!hasFfmpeg) console.warn("Skipped: containers that only ffmpeg writes (ASF, FLV, TTA, WavPack, CAF).")

/** Engines as people have them: both installed, and node-av alone. */
const ways = installed.length > 1 ? (["auto", "node-av"] as const) : installed
const live = (engine: (typeof ways)[number]) => MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state))

const bytesOf = ({ path }: Original) => Effect.promise(() => fs.readFile(path))

const lengths = (file: Original) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const path = `${file.path}.copy.wav`
    const asked = {
      copy: { _tag: "AudioCopy", path, container: "wav", codec: "pcm_s16le" },
      levels: { _tag: "Levels" }
    } as const
    const { copy, levels } = yield* engine.askAll(file, asked)
    return { copied: copy.durationSeconds, peak: levels.peak, ...(yield* engine.probe(file)) }
  })

const noise = (seed: number, bytes: number) => {
  const random = SampleMedia.randomFrom(seed)
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)))
}

/** An APEv2 with a cover of noise, as taggers of MP3 write it. */
const ape = (cover: Buffer) => {
  const item = Buffer.concat([Buffer.alloc(8), Buffer.from("Cover Art (Front)\0cover.jpg\0"), cover])
  item.writeUInt32LE(cover.length + 10, 0)
  item.writeUInt32LE(2, 4)
  const mark = (flags: number) => {
    const bytes = Buffer.concat([Buffer.from("APETAGEX"), Buffer.alloc(24)])
    for (const [value, at] of [2000, item.length + 32, 1].map((value, n) => [value, 8 + 4 * n] as const))
      bytes.writeUInt32LE(value, at)
    bytes.writeUInt32LE(flags, 20)
    return bytes
  }
  return Buffer.concat([mark(0xa000_0000), item, mark(0x8000_0000)])
}
const id3v1 = Buffer.concat([Buffer.from("TAGRain on a roof"), Buffer.alloc(111)])

for (const way of ways)
  layer(live(way), { timeout: "60 seconds" })(`bytes of others around the sound, with ${way}`, (it) => {
    it.scoped.each(["mp3", "aac"] as const)(
      "before, behind and around the frames of %s they are neither sound nor damage",
      (format) =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const plain = yield* EncodedMedia.sound(folder, "tone", format, { seconds: 3 })
          const sound = yield* bytesOf(plain)
          const cover = ape(noise(3, 150_000))
          const dressed: Readonly<Record<string, ReadonlyArray<Buffer>>> = {
            "noise behind": [sound, noise(1, 40_000)],
            "noise around": [noise(2, 3000), sound, noise(4, 20_000)],
            "a tag with a cover behind": [sound, cover, id3v1],
            "a tag with a cover before": [cover, sound],
            "half a minute of zeros behind": [sound, Buffer.alloc(500_000)]
          }
          const alone = yield* lengths(plain)
          const files = yield* Effect.forEach(Object.entries(dressed), ([name, pieces]) =>
            Effect.map(SampleMedia.write(folder, `${name}.${format}`, Buffer.concat(pieces)), (file) => ({ name, file }))
          )
          const all = yield* Effect.forEach(files, ({ file }) => lengths(file), { concurrency: "unbounded" })
          for (const [n, found] of all.entries()) {
            const name = files[n]?.name
            expect([name, found.durationSeconds, found.copied, found.joined]).toEqual([
              name,
              alone.durationSeconds,
              alone.copied,
              undefined
            ])
            expect(Math.abs((found.peak ?? 0) - (alone.peak ?? 0))).toBeLessThan(0.01)
          }
        }),
      60_000
    )

    it.scoped("a tag behind them is read", () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const sound = yield* bytesOf(yield* EncodedMedia.sound(folder, "tone", "mp3", { seconds: 2 }))
        const file = yield* SampleMedia.write(folder, "a.mp3", Buffer.concat([noise(5, 2000), sound, ape(noise(6, 9000)), id3v1]))
        const { tags } = yield* Effect.flatMap(MediaEngine, (engine) => engine.probe(file))
        expect(tags["title"]).toBe("Rain on a roof")
      })
    )

    it.scoped("within the frames they are damage", () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const sound = yield* bytesOf(yield* EncodedMedia.sound(folder, "tone", "mp3", { seconds: 3 }))
        const middle = Math.floor(sound.length / 2)
        const pieces = [sound.subarray(0, middle), noise(7, 20_000), sound.subarray(middle)]
        const failed = yield* Effect.flip(lengths(yield* SampleMedia.write(folder, "a.mp3", Buffer.concat(pieces))))
        expect([failed.code, failed.detail.replace(/\d+/, "N")]).toEqual([
          "Undecodable",
          "the decoder complained N times: Invalid data found when processing input"
        ])
      })
    )

    it.scoped("large tags between joined MP3s are neither", () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const sound = yield* bytesOf(yield* EncodedMedia.sound(folder, "tone", "mp3", { seconds: 2 }))
        const one = Buffer.concat([sound, ape(noise(8, 100_000)), id3v1])
        const { copied, durationSeconds, joined } = yield* lengths(
          yield* SampleMedia.write(folder, "three.mp3", Buffer.concat([one, one, one]))
        )
        expect([copied, durationSeconds].map((seconds) => Math.abs(seconds - 6) < 0.12)).toEqual([true, true])
        expect(joined).toBe(true)
      })
    )
  })

for (const way of hasFfmpeg && installed.includes("node-av") ? ways : [])
  layer(live(way), { timeout: "60 seconds" })(`files behind each other in one, with ${way}`, (it) => {
    const tone = ["-f", "lavfi", "-i", "sine=440:d=2:r=44100"]
    const written: Readonly<Record<string, ReadonlyArray<string>>> = { rf64: ["-f", "wav", "-rf64", "always"] }
    const clip = [...["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2"], ...tone]

    it.scoped(
      "the sound of all is whole",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const files = yield* Effect.forEach(
            ["wav", "aiff", "au", "caf", "tta", "wv", "m4a", "wma", "flac", "w64", "voc", "rf64"],
            (ending) =>
              Effect.gen(function* () {
                const one = yield* bytesOf(yield* ffmpeg(folder, `one.${ending}`, ...tone, ...(written[ending] ?? [])))
                return yield* SampleMedia.write(folder, `three.${ending}`, Buffer.concat([one, one, one]))
              })
          )
          const found = yield* Effect.forEach(files, lengths, { concurrency: "unbounded" })
          const isWhole = (seconds: number) => Math.abs(seconds - 6) < 0.12
          expect(
            found.map(({ container, copied, durationSeconds }) => [container, isWhole(durationSeconds), isWhole(copied)])
          ).toEqual(
            ["wav", "aiff", "au", "caf", "tta", "wv", "mov", "asf", "flac", "w64", "voc", "wav"].map((container) => [
              container,
              true,
              true
            ])
          )
        }),
      60_000
    )

    it.scoped(
      "so are sound and picture of videos",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const media = yield* MediaEngine
          const codecs = [
            ["flv", "flv1", "libmp3lame"],
            ["avi", "mpeg4", "libmp3lame"],
            ["wmv", "wmv2", "wmav2"],
            ["mp4", "mpeg4", "aac"],
            ["webm", "libvpx", "libvorbis"]
          ] as const
          const looked = yield* Effect.forEach(
            codecs,
            ([ending, video, sound]) =>
              Effect.gen(function* () {
                const one = yield* bytesOf(yield* ffmpeg(folder, `one.${ending}`, ...clip, "-c:v", video, "-c:a", sound))
                const file = yield* SampleMedia.write(folder, `two.${ending}`, Buffer.concat([one, one]))
                const path = (kind: string) => join(folder, `${ending}.${kind}`)
                const { copy, frame, stills } = yield* media.askAll(file, {
                  copy: { _tag: "VideoCopy", path: path("mkv"), container: "mkv", videoCodec: "h264", audioCodec: "aac" },
                  stills: { _tag: "Stills", path: path("mjpeg"), rate: 2, size: 32 },
                  frame: { _tag: "Frame", path: path("png"), format: "png", atSeconds: 3.2, width: 64 }
                })
                const { durationSeconds } = yield* media.probe(file)
                const isWhole = (seconds: number) => Math.abs(seconds - 4) < 0.2
                // Sound that goes on for longer than the picture makes some of them longer than four seconds: they have a ninth.
                const shownSeconds = Math.floor(stills.stills.length / 2)
                return [ending, isWhole(durationSeconds), isWhole(copy.durationSeconds), shownSeconds, frame.width]
              }),
            { concurrency: "unbounded" }
          )
          expect(looked).toEqual(codecs.map(([ending]) => [ending, true, true, 4, 64]))
        }),
      60_000
    )
  })
