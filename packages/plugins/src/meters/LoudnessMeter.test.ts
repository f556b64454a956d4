import { describe, expect, it } from "@effect/vitest"
import { weights } from "./LoudnessMeter.js"
import { measure, sine } from "./measure.fixture.js"

const loudness = (channels: ReadonlyArray<Float32Array>, sampleRate = 48_000, mask = 0) =>
  measure({ _tag: "Loudness" }, channels, { sampleRate, mask }).values

describe("LoudnessMeter", () => {
  it.each([8000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000])("tells a tone as EBU Tech 3341 does, at %i Hz", (rate) => {
    const tone = sine(1000, 20, rate, 10 ** (-23 / 20))
    expect(loudness([tone, tone], rate).integrated).toBeCloseTo(-23, 0)
    expect(Math.abs((loudness([tone, tone], rate).integrated ?? 0) + 23)).toBeLessThan(0.3)
    expect(loudness([tone], rate).integrated).toBeCloseTo((loudness([tone, tone], rate).integrated ?? 0) - 3.01, 1)
  })

  it("gates what is 10 LU under the rest (EBU Tech 3341, case 3)", () => {
    const parts = [
      [-36, 10],
      [-23, 60],
      [-36, 10]
    ].map(([level = 0, seconds = 0]) => sine(1000, seconds, 48_000, 10 ** (level / 20)))
    const tone = Float32Array.from(parts.flatMap((part) => Array.from(part)))
    expect(Math.abs((loudness([tone, tone]).integrated ?? 0) + 23)).toBeLessThan(0.1)
  })

  it("tells the range (EBU Tech 3342, case 1), and none below ten seconds", () => {
    const [loud, quiet] = [-20, -30].map((level) => sine(1000, 20, 48_000, 10 ** (level / 20)))
    const tone = Float32Array.from([...(loud ?? []), ...(quiet ?? [])])
    expect(Math.abs((loudness([tone, tone]).range ?? 0) - 10)).toBeLessThan(1)
    for (const seconds of [2.9, 3.1, 5, 9.9]) expect(loudness([sine(1000, seconds)]).range).toBeUndefined()
    expect(loudness([sine(1000, 10.1)]).range).toBeCloseTo(0, 1)
  })

  it("says nothing of silence, of what is too short, and below 8 kHz", () => {
    expect(loudness([new Float32Array(48_000)])).toEqual({})
    expect(loudness([sine(1000, 0.3)])).toEqual({})
    expect(loudness([sine(100, 5, 1000)], 1000)).toEqual({})
  })

  it("weighs channels by their places, and each 1 where they are unknown", () => {
    expect(weights({ channels: 6, mask: 0x60f })).toEqual([1, 1, 1, 0, 1.41, 1.41])
    expect(weights({ channels: 6, mask: 0 })).toEqual([1, 1, 1, 1, 1, 1])
    expect(weights({ channels: 16, mask: 0 })).toEqual(Array.from({ length: 16 }, () => 1))
  })
})
