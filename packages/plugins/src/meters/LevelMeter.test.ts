import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { measure, sine } from "./measure.fixture.js"

const levels = (channels: ReadonlyArray<Float32Array>, codec: string) => measure({ _tag: "Levels" }, channels, { codec }).values

/** Ten runs of three samples at a level, alternately up and down, between small ones. */
const runs = (up: number, down: number) =>
  Float32Array.from({ length: 200 }, (_, i) => (i % 10 < 3 ? (i % 20 < 10 ? up : down) : 0.125))

describe("LevelMeter", () => {
  it("tells float beyond full scale, where nothing clips", () => {
    expect(levels([sine(440, 1, 48_000, 2)], "pcm_f32le")).toMatchObject({ peak: 6.02, rms: 3.01, clippedSamples: 0 })
    expect(levels([runs(1, -1)], "pcm_f64le")).toMatchObject({ clippedSamples: 0 })
  })

  it("leaves out what is no number, and counts it", () => {
    const samples = sine(440, 1, 48_000, 0.5)
    samples[100] = NaN
    samples[200] = Infinity
    samples[300] = -Infinity
    expect(levels([samples], "pcm_f32le")).toMatchObject({ peak: -6.02, invalidSamples: 3 })
  })

  it.each([
    ["pcm_s16le", 32_767 / 32_768],
    ["pcm_s24be", 1 - 2 ** -23],
    ["pcm_s32le", 1],
    // 24 bits in 32, as interfaces record.
    ["pcm_s32le", 1 - 2 ** -23],
    ["pcm_u8", 127 / 128],
    ["pcm_mulaw", 32_124 / 32_768],
    ["pcm_alaw", 32_256 / 32_768],
    ["flac", 32_767 / 32_768],
    ["flac", 1 - 2 ** -23],
    ["mp3", 1.07]
  ])("sees clipping at the full scale of %s (%d), on either side", (codec, high) => {
    expect(levels([runs(high, -high)], codec)).toMatchObject({ clippedSamples: 60 })
    expect(levels([runs(high, 0.25)], codec)).toMatchObject({ clippedSamples: 30 })
    expect(levels([runs(0.25, -high)], codec)).toMatchObject({ clippedSamples: 30 })
    // Runs below full scale are a sound; single samples there are too.
    expect(levels([runs(high * 0.5, -high * 0.5)], codec)).toMatchObject({ clippedSamples: 0 })
    const single = runs(0.25, 0.25)
    single[50] = high
    expect(levels([single], codec)).toMatchObject({ clippedSamples: 0 })
  })

  it("takes up to 64 channels", () => {
    const channels = Array.from({ length: 64 }, (_, n) => sine(100 + n, 0.1, 48_000, (n + 1) / 64))
    expect(levels(channels, "pcm_f32le").peak).toBeCloseTo(0, 1)
  })

  it.prop(
    "agrees with the definitions, however the bytes are cut",
    [fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 200 }), fc.integer({ min: 1, max: 50 })],
    ([values, piece]) => {
      const samples = Float32Array.from(values)
      const { peak, rms } = measure({ _tag: "Levels" }, [samples, samples], {}, piece).values
      const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length
      const highest = Math.max(...samples.map(Math.abs))
      if (highest > 1e-5) {
        expect(peak).toBeCloseTo(20 * Math.log10(highest), 1)
        expect(rms).toBeCloseTo(10 * Math.log10(power), 1)
      }
    }
  )
})
