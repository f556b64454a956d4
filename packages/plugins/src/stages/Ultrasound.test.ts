import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { promises as fs } from "node:fs"
import { inflateSync } from "node:zlib"
import { MediaEngine } from "../media/MediaEngine.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import * as Wav from "../testing/Wav.js"
import { acoustic } from "./Acoustic.js"
import { text } from "./Describe.js"
import { ingest } from "./Ingest.js"
import { transcode } from "./Transcode.js"
import { waveform } from "./Waveform.js"

const installed = await Effect.runPromise(InstalledEngines.find)

/** Calls of a bat, ten a second: each falls by an octave within 5 ms, over a quiet floor of noise. */
const bat = (rate: number, hertz: number): Float32Array =>
  Float32Array.from({ length: rate }, (_, i) => {
    const at = (i / rate) % 0.1
    const call = at < 0.005 ? 0.3 * Math.sin(Math.PI * (at / 0.005)) ** 2 : 0
    return call * Math.sin(2 * Math.PI * (hertz * at - (hertz / 0.02) * at * at)) + 0.0003 * Math.sin(i * i)
  })

const tone = (rate: number, hertz: number, level = 0.3): Float32Array =>
  Float32Array.from({ length: rate }, (_, i) => level * Math.sin((2 * Math.PI * hertz * i) / rate))

const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((sample, i) => sample + (b[i] ?? 0))

/** Bytes of a picture's pixels that differ from those before them: a flat line has few. */
const unrest = (png: Buffer): number => {
  const data = inflateSync(png.subarray(png.indexOf("IDAT") + 4, png.length - 16))
  return data.reduce((changes, byte, i) => changes + (byte === data[i - 4] ? 0 : 1), 0)
}

describe.each(installed)("ultrasound, with %s", (engine) => {
  it.scopedLive("is described as what it is, is seen, and its copy says that nothing is heard", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const run = (name: string, rate: number, ...channels: ReadonlyArray<Float32Array>) =>
        Effect.gen(function* () {
          const file = yield* ingest.run(
            { original: yield* SampleMedia.write(folder, `${name}.wav`, Wav.encode(channels, rate)) },
            {}
          )
          const all = yield* Effect.all(
            {
              sound: acoustic.run({ file }, Schema.decodeSync(acoustic.config)({})),
              copy: transcode.run({ file }, { format: "mp3", sampleRate: 16_000, channels: 1 }),
              whole: transcode.run({ file }, { format: "flac" }),
              picture: waveform.run({ file }, { width: 300, height: 60, colour: "#336699" })
            },
            { concurrency: "unbounded" }
          )
          const png = yield* Effect.promise(() => fs.readFile(all.picture.image.path))
          yield* Effect.promise(() =>
            Promise.all([all.copy.file, all.whole.file, all.picture.image].map(({ path }) => fs.rm(path)))
          )
          return { ...all, png }
        })
      const nothing = "it holds nothing audible: all that sounds lies above 20 kHz"

      const bats = yield* Effect.forEach([192_000, 256_000, 384_000], (rate) => run(`bat${rate}`, rate, bat(rate, 80_000)), {
        concurrency: "unbounded"
      })
      for (const { copy, png, sound, whole } of bats) {
        expect(text(sound)).toMatch(/It measures -\d+\.\d LUFS\..*Most of it is ultrasound: its spectrum is centred on [4-9]\d/)
        expect([copy.inaudible, whole.inaudible]).toEqual([nothing, nothing])
        expect(unrest(png)).toBeGreaterThan(300)
      }

      const flipped = tone(250_000, 60_000)
      const stereo = yield* run(
        "stereo",
        250_000,
        flipped,
        flipped.map((sample) => -sample)
      )
      expect(stereo.copy.inaudible).toBe(nothing)
      expect(Math.abs((stereo.sound.brightness ?? 0) - 60_000)).toBeLessThan(500)

      const whistle = yield* run("whistle", 96_000, tone(96_000, 12_000))
      expect(whistle.copy.inaudible).toBe("it holds nothing audible: all that sounds lies above 8 kHz")
      expect(whistle.whole.inaudible).toBeUndefined()

      const voice = yield* run("voice", 192_000, sum(tone(192_000, 50_000), tone(192_000, 400, 0.01)))
      expect([voice.copy.inaudible, voice.whole.inaudible]).toEqual([undefined, undefined])
    }).pipe(Effect.provide(MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state))))
  )
})
