import { describe, expect, it } from "@effect/vitest"
import { randomFrom, render, type Sound } from "../testing/Synthesis.js"
import { measure } from "./measure.fixture.js"
import { timbreScale } from "./timbreScale.js"

const timbre = (sampleRate: number, ...channels: ReadonlyArray<Float32Array>) =>
  measure({ _tag: "Timbre" }, channels, { sampleRate }).rows.map(({ value = 0 }) => value)
const distance = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
  Math.sqrt(a.reduce((sum, value, n) => sum + (value - (b[n] ?? 0)) ** 2, 0) / a.length)

const sounds: ReadonlyArray<Sound> = ["tone", "chords", "drums", "noise", "speech"]
const random = randomFrom(3)
/** Each sound as it is, quieter with another seed, longer at a lower rate, and with noise 30 dB under it. */
const takes = sounds.flatMap((sound) => [
  { sound, vector: timbre(48_000, render(sound, 3, 48_000)) },
  {
    sound,
    vector: timbre(
      48_000,
      render(sound, 3, 48_000, 2).map((sample) => 0.1 * sample)
    )
  },
  { sound, vector: timbre(32_000, render(sound, 5, 32_000)) },
  {
    sound,
    vector: timbre(
      48_000,
      render(sound, 3, 48_000).map((sample) => sample + 0.01 * (2 * random() - 1))
    )
  }
])

describe("TimbreMeter", () => {
  it("puts takes of one sound nearer to each other than to any other sound", () => {
    for (const take of takes) {
      const others = takes.filter((other) => other !== take)
      const nearest = others.reduce((a, b) => (distance(take.vector, b.vector) < distance(take.vector, a.vector) ? b : a))
      expect.soft(nearest.sound).toBe(take.sound)
    }
  })

  it("hears a sound in both channels as in one, and hardly its level", () => {
    const speech = render("speech", 3, 48_000)
    const [one, two] = [timbre(48_000, speech), timbre(48_000, speech, speech)]
    expect(distance(one, two)).toBeLessThan(0.01)
    expect(
      distance(
        one,
        timbre(
          48_000,
          speech.map((sample) => sample / 8)
        )
      )
    ).toBeLessThan(0.3)
  })

  it("gives as many numbers as its scale has, and none for silence", () => {
    for (const { vector } of takes) {
      expect(vector).toHaveLength(timbreScale.length)
      expect(vector.every(Number.isFinite)).toBe(true)
    }
    expect(timbre(48_000, new Float32Array(48_000))).toEqual([])
    expect(timbre(48_000, new Float32Array(0))).toEqual([])
    // A tenth of a second, and a few samples.
    expect(timbre(48_000, render("noise", 0.1, 48_000))).toHaveLength(timbreScale.length)
    expect(timbre(8000, render("noise", 0.005, 8000))).toHaveLength(timbreScale.length)
  })
})
