import { describe, expect, it } from "@effect/vitest"
import { randomFrom } from "../testing/Synthesis.js"
import { measure, sine } from "./measure.fixture.js"

const spectrum = (channels: ReadonlyArray<Float32Array>, sampleRate = 48_000, threshold = -50) =>
  measure({ _tag: "Spectrum", threshold }, channels, { sampleRate }).values

const noise = (seconds: number, level: number, rate = 48_000) => {
  const random = randomFrom(3)
  return Float32Array.from({ length: seconds * rate }, () => level * (2 * random() - 1))
}

describe("SpectrumMeter", () => {
  it("finds a tone whose channels cancel each other", () => {
    const tone = sine(500, 2, 48_000, 0.3)
    expect(spectrum([tone, tone.map((sample) => -sample)])["centroid"]).toBeCloseTo(spectrum([tone])["centroid"] ?? 0, -1)
    expect(Math.abs((spectrum([tone])["centroid"] ?? 0) - 500)).toBeLessThan(60)
    expect(spectrum([tone])["flatness"]).toBeLessThan(0.03)
  })

  it("is decided by what sounds: noise under the threshold changes nothing", () => {
    const tone = sine(700, 3, 48_000, 0.8)
    const floor = noise(9, 0.0005)
    const both = Float32Array.from(floor, (sample, i) => sample + (tone[i] ?? 0))
    expect(Math.abs((spectrum([both])["centroid"] ?? 0) - 700)).toBeLessThan(150)
    expect(spectrum([floor])).toEqual({})
  })

  it.each([16_000, 44_100, 192_000])("tells noise over the file's own band, at %i Hz", (rate) => {
    const { centroid = 0, flatness = 0 } = spectrum([noise(2, 0.3, rate)], rate)
    expect(Math.abs(centroid / (rate / 4) - 1)).toBeLessThan(0.03)
    expect(flatness).toBeGreaterThan(0.7)
  })

  it("tells ultrasound as what it is", () =>
    expect(Math.abs((spectrum([sine(45_000, 2, 192_000, 0.2)], 192_000)["centroid"] ?? 0) - 45_000)).toBeLessThan(1000))

  it("says the same of a long sound by one window in eight", () => {
    const [short, long] = [noise(30, 0.2), noise(90, 0.2)].map((sound) => spectrum([sound])["centroid"] ?? 0)
    expect(Math.abs((long ?? 0) / (short ?? 1) - 1)).toBeLessThan(0.005)
  })

  it.each([0.012, 0.03, 0.06])("takes the ends of %f seconds of a tone for no noise", (seconds) => {
    const { centroid = 0, flatness = 1 } = spectrum([sine(1000, seconds, 48_000, 0.5)])
    expect(Math.abs(centroid - 1000)).toBeLessThan(300)
    expect(flatness).toBeLessThan(0.1)
  })

  it("finds nothing in an offset", () => expect(spectrum([new Float32Array(96_000).fill(0.3)])).toEqual({}))

  it("looks at sounds shorter than a window", () =>
    expect(Math.abs((spectrum([sine(3000, 0.03, 48_000, 0.5)])["centroid"] ?? 0) - 3000)).toBeLessThan(700))
})
