import { describe, expect, it } from "@effect/vitest"
import { measure, sine } from "./measure.fixture.js"

const truePeak = (channels: ReadonlyArray<Float32Array>, sampleRate = 48_000) =>
  measure({ _tag: "TruePeak" }, channels, { sampleRate }).values["truePeak"] ?? NaN

const join = (...parts: ReadonlyArray<Float32Array>) => Float32Array.from(parts.flatMap((part) => Array.from(part)))

describe("TruePeakMeter", () => {
  it.each([
    [4, 0.5, 45],
    [6, 0.5, 60],
    [8, 0.5, 67.5],
    [4, 1.41, 45]
  ])("finds the peak between samples of a sine of a %ith of the rate (EBU Tech 3341)", (part, level, degrees) => {
    // A tone that begins at once has peaks of its own.
    const tone = sine(48_000 / part, 1, 48_000, level, (degrees * Math.PI) / 180).map(
      (sample, i) => sample * Math.min(1, i / 4800, (48_000 - i) / 4800)
    )
    expect(truePeak([tone])).toBeGreaterThan(20 * Math.log10(level) - 0.4)
    expect(truePeak([tone])).toBeLessThan(20 * Math.log10(level) + 0.2)
  })

  it("passes nothing over: neither the last samples nor a short sound nor one channel of many", () => {
    const end = sine(12_000, 0.003, 48_000, 0.8, Math.PI / 4)
    expect(truePeak([join(sine(300, 1, 48_000, 0.01), end)])).toBeGreaterThan(-2.3)
    expect(truePeak([end])).toBeGreaterThan(-2.3)
    expect(truePeak([sine(50, 0.003, 48_000, 0.1), end])).toBeGreaterThan(-2.3)
  })

  it("is never under the sample peak, also of a low tone, a click and high rates", () => {
    const click = new Float32Array(4800)
    click[4799] = 0.5
    expect(truePeak([click])).toBeGreaterThanOrEqual(-6.02)
    for (const rate of [8000, 96_000, 192_000, 384_000])
      expect(Math.abs(truePeak([sine(50, 1, rate, 0.5)], rate) + 6.02)).toBeLessThan(0.03)
  })

  it("is absent for digital silence", () => expect(truePeak([new Float32Array(480)])).toBeNaN())
})
