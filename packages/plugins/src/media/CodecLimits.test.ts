import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer } from "effect"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { layoutsOf, limitsOf, maskOf, rateOf } from "./CodecLimits.js"
import { MediaEngine } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)

const lossy = [
  ["mp3", "mp3"],
  ["m4a", "aac"],
  ["ogg", "vorbis"],
  ["opus", "opus"]
] as const
const names = ["mp3", "aac", "vorbis", "opus", "flac", "pcm_s16le"]

/** A WAV that says where its channels stand. */
const placed = (mask: number, channels: number, sampleRate = 48_000): Buffer => {
  const samples = Buffer.alloc(sampleRate * channels)
  for (let n = 0; n < samples.length / 2; n++)
    samples.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * Math.floor(n / channels)) / sampleRate)), n * 2)
  const head = Buffer.alloc(68)
  head.write("RIFF", 0, "latin1")
  head.writeUInt32LE(60 + samples.length, 4)
  head.write("WAVEfmt ", 8, "latin1")
  head.writeUInt32LE(40, 16)
  head.writeUInt16LE(0xfffe, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(sampleRate, 24)
  head.writeUInt32LE(sampleRate * channels * 2, 28)
  head.writeUInt16LE(channels * 2, 32)
  head.writeUInt16LE(16, 34)
  head.writeUInt16LE(22, 36)
  head.writeUInt16LE(16, 38)
  head.writeUInt32LE(mask, 40)
  head.write("0100000000001000800000aa00389b71", 44, "hex")
  head.write("data", 60, "latin1")
  head.writeUInt32LE(samples.length, 64)
  return Buffer.concat([head, samples])
}

describe("CodecLimits", () => {
  it.prop(
    "a codec's rate loses nothing that it could keep",
    [fc.constantFrom(...names), fc.integer({ min: 1, max: 768_000 })],
    ([codec, hertz]) => {
      const { sampleRates } = limitsOf(codec)
      const rate = rateOf(codec, hertz)
      if (sampleRates === undefined) expect(rate).toBe(hertz)
      else expect([rate >= hertz || rate === Math.max(...sampleRates), sampleRates.includes(rate)]).toEqual([true, true])
    }
  )

  it("every layout that a codec is given has its places", () => {
    const all = names.flatMap((codec) => [1, 2, 3, 4, 5, 6, 7, 8].flatMap((channels) => layoutsOf(codec, channels) ?? []))
    expect(all.filter((layout) => maskOf(layout) === undefined)).toEqual([])
    expect(layoutsOf("mp3", 6)).toEqual(["stereo"])
    expect(layoutsOf("vorbis", 12)).toBeUndefined()
  })

  it.scoped.each(installed)(
    "sound in any places and at any rate is copied into every codec by %s",
    (engine) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const media = yield* MediaEngine
        const files = yield* Effect.forEach(
          [
            ["two behind.wav", placed(0x30, 2)],
            ["three in front, one above.wav", placed(0x8007, 4)],
            ["beside.wav", placed(0x60f, 6)],
            ["bat.wav", placed(0x4, 1, 250_000)],
            ["old console.wav", placed(0x4, 1, 37_800)]
          ] as const,
          ([name, bytes]) => SampleMedia.write(folder, name, bytes)
        )
        const copy = (file: (typeof files)[number], [container, codec]: readonly ["wav", "pcm_s16le"] | (typeof lossy)[number]) =>
          Effect.map(
            Effect.either(media.ask(file, { _tag: "AudioCopy", path: `${file.path}.${container}`, container, codec })),
            (made) => (made._tag === "Left" ? made.left.code : [made.right.sampleRate, made.right.channels])
          )
        const made = yield* Effect.forEach(
          files,
          (file) =>
            Effect.forEach([...lossy, ["wav", "pcm_s16le"] as const], (format) => copy(file, format), {
              concurrency: "unbounded"
            }),
          { concurrency: "unbounded" }
        )
        expect(made).toEqual([
          Array.from({ length: 5 }, () => [48_000, 2]),
          [[48_000, 2], ...Array.from({ length: 4 }, () => [48_000, 4])],
          [[48_000, 2], ...Array.from({ length: 4 }, () => [48_000, 6])],
          // The stage says before that Vorbis can't.
          [[48_000, 1], [96_000, 1], "CodecRefused", [48_000, 1], [250_000, 1]],
          [
            [44_100, 1],
            [44_100, 1],
            [37_800, 1],
            [48_000, 1],
            [37_800, 1]
          ]
        ])
        const { peak } = yield* media.ask(files[0] ?? (yield* Effect.die("no file")), { _tag: "Levels" })
        expect(peak).toBeCloseTo(20 * Math.log10(8000 / 32_768), 1)
      }).pipe(Effect.provide(MediaEngine.with({ engine }).pipe(Layer.provide(TemporaryFolder.state)))),
    60_000
  )
})
