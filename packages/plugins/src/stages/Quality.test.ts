import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SourceFile } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import { render } from "../testing/Synthesis.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import * as Wav from "../testing/Wav.js"
import { marksOf, quality } from "./Quality.js"

const installed = await Effect.runPromise(InstalledEngines.find)
const live = (engine: InstalledEngines.EngineName) => MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state))
const limits = { snr: 10, hum: -70, clipping: 0.0001, offset: 0.01, balance: 6 }

describe.each(installed)("quality, with %s", (engine) => {
  it.scoped(
    "marks a hum, an mp3, what is clipped and what is the same in both channels, and nothing of a clean sound",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const marks = (file: Effect.Effect.Success<ReturnType<typeof SampleMedia.writeWav>>, mediaType = "audio/wav") =>
          Effect.map(quality.run({ file: new SourceFile({ file, mediaType }) }, limits), ({ marks }) => marks)
        const speech = render("speech", 4, 44_100)
        const mean = speech.reduce((sum, sample) => sum + sample, 0) / speech.length
        const centred = speech.map((sample) => sample - mean)
        const hum = centred.map((sample, i) => sample + 0.02 * Math.sin((2 * Math.PI * 50 * i) / 44_100))
        const write = (name: string, ...channels: ReadonlyArray<Float32Array>) =>
          SampleMedia.write(folder, name, Wav.encode(channels, 44_100))
        expect(yield* marks(yield* write("clean.wav", centred))).toEqual([])
        expect(yield* marks(yield* write("hum.wav", hum))).toEqual(["hum"])
        expect(yield* marks(yield* write("twice.wav", centred, centred))).toEqual(["dual-mono"])
        expect(yield* marks(yield* write("one.wav", centred, new Float32Array(centred.length)))).toEqual(["one-sided"])
        expect(yield* marks(yield* SampleMedia.writeWav(folder, "clipped"))).toContain("clipped")
        const mp3 = yield* EncodedMedia.sound(folder, "noise", "mp3")
        expect(yield* marks(mp3, "audio/mpeg")).toEqual(["noisy", "band-limited"])
      }).pipe(Effect.provide(live(engine))),
    60_000
  )
})

describe("marks", () => {
  const plain = { clipping: 0, offset: 0 }
  it("follow the limits of the config", () => {
    expect(marksOf({ ...plain, snr: 9, balance: -7 }, limits)).toEqual(["noisy", "unbalanced"])
    expect(marksOf({ ...plain, snr: 9, balance: -7 }, { ...limits, snr: 8, balance: 8 })).toEqual([])
    expect(marksOf({ ...plain, hum: -71 }, limits)).toEqual([])
    expect(marksOf({ ...plain, hum: -69 }, limits)).toEqual(["hum"])
    expect(marksOf({ ...plain, offset: -0.02, clipping: 0.001 }, limits)).toEqual(["clipped", "dc-offset"])
    expect(marksOf(plain, { ...limits, clipping: 0, offset: 0.1 })).toEqual([])
  })
})
