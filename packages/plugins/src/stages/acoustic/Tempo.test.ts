import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { randomFrom, render } from "../../testing/Synthesis.js"
import * as Tempo from "./Tempo.js"

const RATE = 11_025

/** Clicks, each off its beat by up to half of `jitter` beats either way. */
const clicks = (beatsPerMinute: number, seconds: number, jitter = 0) => {
  const samples = new Float32Array(seconds * RATE)
  const random = randomFrom(7)
  for (let beat = 0; beat < (seconds * beatsPerMinute) / 60; beat++) {
    const at = Math.round(((beat + (random() - 0.5) * jitter) * 60 * RATE) / beatsPerMinute)
    for (let i = Math.max(0, -at); i < 200 && at + i < samples.length; i++)
      samples[at + i] = 0.8 * Math.exp(-i / 40) * Math.sin(0.6 * i)
  }
  return samples
}

const estimate = (samples: Float32Array) => Tempo.estimate(samples, RATE)

describe("Tempo", () => {
  it.effect.each([45, 60, 88, 120, 133, 174, 200])("hears %i beats a minute", (beatsPerMinute) =>
    Effect.gen(function* () {
      const tempo = yield* estimate(clicks(beatsPerMinute, 12))
      expect(Math.abs((tempo?.beatsPerMinute ?? 0) / beatsPerMinute - 1)).toBeLessThan(0.01)
      expect(tempo?.confidence).toBeGreaterThan(0.8)
    })
  )

  it.effect("hears the drums at 120, in three seconds as in twelve", () =>
    Effect.gen(function* () {
      for (const seconds of [3, 12])
        expect((yield* estimate(render("drums", seconds, RATE)))?.beatsPerMinute).toBeCloseTo(120, -0.5)
    })
  )

  it.effect("is less sure of an unsteady beat, and silent on a random one", () =>
    Effect.gen(function* () {
      const confidences = yield* Effect.forEach([0, 0.1, 0.2], (jitter) =>
        Effect.map(estimate(clicks(120, 20, jitter)), (tempo) => tempo?.confidence ?? 0)
      )
      expect(confidences).toEqual([...confidences].sort((a, b) => b - a))
      expect(yield* estimate(clicks(120, 20, 1))).toBeUndefined()
    })
  )

  it.effect.each(["tone", "noise", "silence", "sweep", "clipped"] as const)("names no tempo for %s", (sound) =>
    Effect.gen(function* () {
      for (const seconds of [0, 0.01, 1, 3, 12]) expect(yield* estimate(render(sound, seconds, RATE))).toBeUndefined()
    })
  )

  it.effect("names no tempo for two seconds of a beat", () =>
    Effect.map(estimate(clicks(120, 2)), (tempo) => expect(tempo).toBeUndefined())
  )
})
