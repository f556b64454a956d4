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

  it("tells for how much of the time each way loses what is heard", () => {
    const [a, b] = [sine(440, 4), sine(700, 4)]
    const half = a.map((sample, i) => (i < a.length / 2 ? -sample : sample))
    const turnedFirst = downmix(a, half)
    expect(turnedFirst["loss"]).toBeCloseTo(0, 1)
    expect(Math.abs((turnedFirst["lost"] ?? 0) - 0.5)).toBeLessThan(0.15)
    expect(Math.abs((turnedFirst["flippedLost"] ?? 0) - 0.5)).toBeLessThan(0.15)
    expect(turnedFirst["loudestLost"]).toBe(0)
    expect(downmix(a, b)).toMatchObject({ lost: 0, flippedLost: 0, loudestLost: 0 })
    // One after the other.
    const first = a.map((sample, i) => (i < a.length / 2 ? sample : 0))
    const second = b.map((sample, i) => (i < b.length / 2 ? 0 : sample))
    const turns = downmix(first, second)
    expect(turns).toMatchObject({ lost: 0, flippedLost: 0 })
    expect(Math.abs((turns["loudestLost"] ?? 0) - 0.5)).toBeLessThan(0.15)
  })

  it("knows that a sum leaves low-frequency channels out", () => {
    const [rumble, quiet] = [sine(60, 2), sine(440, 2, 48_000, 0.01)]
    const silent = new Float32Array(rumble.length)
    const of = (mask: number, first: Float32Array) =>
      measure({ _tag: "Downmix" }, [first, first, silent, rumble, silent, silent], { mask }).values
    const surround = of(0x3f, quiet)
    expect(surround["loss"]).toBeGreaterThan(20)
    expect(surround).toMatchObject({ loudest: 3, lost: 1, flippedLost: 1, loudestLost: 0 })
    expect(of(0x3f, rumble)).toMatchObject({ lost: 0 })
    // Six microphones that stand nowhere.
    expect(of(0, quiet)).toMatchObject({ loudest: 3, lost: 0 })
  })

  it("names the loudest channel", () => expect(downmix(sine(440, 1, 48_000, 0.1), sine(440, 1))["loudest"]).toBe(1))
})
