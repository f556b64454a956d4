import { describe, expect, it } from "@effect/vitest"
import { measure, sine } from "./measure.fixture.js"

const RATE = 192_000
const bands = (...channels: ReadonlyArray<Float32Array>) =>
  measure({ _tag: "Bands", edges: [8000, 20_000] }, channels, { sampleRate: RATE }).rows

describe("BandMeter", () => {
  it("gives the level of a tone to the side of each edge that it lies on", () => {
    const [low, high] = bands(sine(12_000, 1, RATE, 0.5))
    expect(low?.["inside"]).toBeLessThan(-90)
    expect(low?.["outside"]).toBeCloseTo(-9.03, 1)
    expect(high?.["inside"]).toBeCloseTo(-9.03, 1)
    expect(high?.["outside"]).toBeLessThan(-90)
  })

  it("sums over channels, also where they cancel each other", () => {
    const tone = sine(45_000, 1, RATE, 0.5)
    const [, high] = bands(
      tone,
      tone.map((sample) => -sample)
    )
    expect(high?.["outside"]).toBeCloseTo(-6.02, 1)
  })

  it("goes by the loudest stretch: a call of 20 ms counts in a minute of nothing", () => {
    const sound = new Float32Array(20 * RATE)
    sound.set(sine(50_000, 0.05, RATE, 0.5), RATE)
    expect(bands(sound)[1]?.["outside"]).toBeCloseTo(-9.03, 1)
    expect(bands(new Float32Array(RATE))).toEqual([
      { inside: -200, outside: -200 },
      { inside: -200, outside: -200 }
    ])
  })
})
