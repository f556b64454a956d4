import { describe, expect, it } from "@effect/vitest"
import { measure, sine } from "./measure.fixture.js"

const downmix = (...channels: ReadonlyArray<Float32Array>) => measure({ _tag: "Downmix" }, channels).values
const turned = (channel: Float32Array) => channel.map((sample) => -sample)

describe("DownmixMeter", () => {
  it("tells what a sum of the channels loses", () => {
    const [a, b] = [sine(440, 1), sine(700, 1)]
    expect(downmix(a, a)["loss"]).toBeCloseTo(-3, 1)
    expect(downmix(a, b)["loss"]).toBeCloseTo(0, 1)
    expect(downmix(a, new Float32Array(a.length))["loss"]).toBeCloseTo(0, 1)
    expect(downmix(a, turned(a))["loss"]).toBeGreaterThan(60)
    expect(downmix(a, turned(a))["flippedLoss"]).toBeCloseTo(-3, 1)
    expect(downmix(a)["loss"]).toBe(0)
  })

  it("names the loudest channel", () => expect(downmix(sine(440, 1, 48_000, 0.1), sine(440, 1))["loudest"]).toBe(1))
})
