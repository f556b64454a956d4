import { describe, expect, it } from "@effect/vitest"
import type { Original } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { spawnSync } from "node:child_process"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { MediaEngine } from "./MediaEngine.js"
import { pictureSize } from "./requests/frame.js"

const installed = await Effect.runPromise(InstalledEngines.find)
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0
if (!hasFfmpeg) console.warn("Skipped: containers that only ffmpeg writes (ASF, FLV, TTA, WavPack, CAF).")

/** Engines as people have them: both installed, and node-av alone. */
const ways = installed.length > 1 ? (["auto", "node-av"] as const) : installed
const live = (engine: (typeof ways)[number]) => MediaEngine.with({ engine }).pipe(Layer.provide(TemporaryFolder.state))

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

const ffmpeg = (folder: string, name: string, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const path = join(folder, name)
    const { status, stderr } = spawnSync("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args, path], { encoding: "utf8" })
    expect(status, stderr).toBe(0)
    return yield* SampleMedia.original(path)
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

describe.each(ways)("bytes of others around the sound, with %s", (way) => {
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
        for (const [name, pieces] of Object.entries(dressed)) {
          const found = yield* lengths(yield* SampleMedia.write(folder, `${name}.${format}`, Buffer.concat(pieces)))
          expect([name, found.durationSeconds, found.copied, found.joined]).toEqual([
            name,
            alone.durationSeconds,
            alone.copied,
            undefined
          ])
          expect(Math.abs((found.peak ?? 0) - (alone.peak ?? 0))).toBeLessThan(0.01)
        }
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped("a tag behind them is read", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const sound = yield* bytesOf(yield* EncodedMedia.sound(folder, "tone", "mp3", { seconds: 2 }))
      const file = yield* SampleMedia.write(folder, "a.mp3", Buffer.concat([noise(5, 2000), sound, ape(noise(6, 9000)), id3v1]))
      const { tags } = yield* Effect.flatMap(MediaEngine, (engine) => engine.probe(file))
      expect(tags["title"]).toBe("Rain on a roof")
    }).pipe(Effect.provide(live(way)))
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
    }).pipe(Effect.provide(live(way)))
  )

  it.scoped("large tags between joined MP3s are neither", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const sound = yield* bytesOf(yield* EncodedMedia.sound(folder, "tone", "mp3", { seconds: 2 }))
      const one = Buffer.concat([sound, ape(noise(8, 100_000)), id3v1])
      const { copied, durationSeconds, joined } = yield* lengths(
        yield* SampleMedia.write(folder, "three.mp3", Buffer.concat([one, one, one]))
      )
      expect([copied, durationSeconds].map((seconds) => Math.round(seconds * 10))).toEqual([60, 60])
      expect(joined).toBe(true)
    }).pipe(Effect.provide(live(way)))
  )
})

describe.runIf(hasFfmpeg && installed.includes("node-av")).each(ways)("files behind each other in one, with %s", (way) => {
  const tone = ["-f", "lavfi", "-i", "sine=440:d=2:r=44100"]
  const clip = [...["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2"], ...tone]

  it.scoped.each(["wav", "aiff", "au", "caf", "tta", "wv", "m4a", "wma", "flac"])(
    "%s is whole",
    (ending) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const one = yield* bytesOf(yield* ffmpeg(folder, `one.${ending}`, ...tone))
        const found = yield* lengths(yield* SampleMedia.write(folder, `three.${ending}`, Buffer.concat([one, one, one])))
        expect([found.durationSeconds, found.copied].map((seconds) => Math.abs(seconds - 6) < 0.12)).toEqual([true, true])
      }).pipe(Effect.provide(live(way))),
    60_000
  )

  it.scoped.each([
    ["flv", "flv1", "libmp3lame"],
    ["wmv", "wmv2", "wmav2"],
    ["mp4", "mpeg4", "aac"],
    ["webm", "libvpx", "libvorbis"]
  ])(
    "sound and picture of %s are whole",
    ([ending = "", video = "", sound = ""]) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const one = yield* bytesOf(yield* ffmpeg(folder, `one.${ending}`, ...clip, "-c:v", video, "-c:a", sound))
        const file = yield* SampleMedia.write(folder, `two.${ending}`, Buffer.concat([one, one]))
        const media = yield* MediaEngine
        const path = join(folder, "copy.mp4")
        const copy = yield* media.ask(file, { _tag: "VideoCopy", path, container: "mp4", videoCodec: "h264", audioCodec: "aac" })
        const { durationSeconds } = yield* media.probe(file)
        expect([durationSeconds, copy.durationSeconds].map((seconds) => Math.abs(seconds - 4) < 0.2)).toEqual([true, true])
        const shown = join(folder, "shown.mjpeg")
        expect((yield* media.ask(file, { _tag: "Stills", path: shown, rate: 2, size: 32 })).stills).toHaveLength(8)
        const frame = join(folder, "frame.png")
        yield* media.ask(file, { _tag: "Frame", path: frame, format: "png", atSeconds: 3.2, width: 64 })
        expect(pictureSize(yield* Effect.promise(() => fs.readFile(frame)))).toEqual({ width: 64, height: 48 })
      }).pipe(Effect.provide(live(way))),
    60_000
  )
})
