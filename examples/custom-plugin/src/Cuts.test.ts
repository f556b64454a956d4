import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import * as Cuts from "./Cuts.js"

/** A picture of one colour that is another one from every cut on. */
const film = (cuts: ReadonlyArray<number>) => (seconds: number) =>
  Effect.sync(() => {
    const scene = cuts.filter((cut) => cut <= seconds).length
    return Array.from({ length: 64 }, (_, n) => (n === scene % 64 ? 1 : 0))
  })

const search = { everySeconds: 1, precisionSeconds: 0.05, threshold: 0.4 }

describe("Cuts.find", () => {
  it.effect("finds none in one scene, however short", () =>
    Effect.gen(function* () {
      expect(yield* Cuts.find(film([]), { ...search, durationSeconds: 20 })).toEqual([])
      expect(yield* Cuts.find(film([]), { ...search, durationSeconds: 0 })).toEqual([])
    })
  )

  it.effect.prop(
    "places every cut that has a look on both of its sides",
    [
      FastCheck.uniqueArray(FastCheck.integer({ min: 0, max: 9 }), { maxLength: 6 }),
      FastCheck.double({ min: 0.01, max: 0.99, noNaN: true })
    ],
    ([seconds, fraction]) =>
      Effect.gen(function* () {
        // At most one cut between two looks, and none after the last.
        const cuts = seconds
          .map((second) => second + fraction)
          .sort((a, b) => a - b)
          .filter((cut) => cut < 9)
        const found = yield* Cuts.find(film(cuts), { ...search, durationSeconds: 10 })
        expect(found.length).toBe(cuts.length)
        for (const [n, cut] of cuts.entries()) expect(Math.abs((found[n] ?? 0) - cut)).toBeLessThanOrEqual(0.05)
      })
  )

  it.effect("looks seldom", () =>
    Effect.gen(function* () {
      let looks = 0
      const counted = (seconds: number) =>
        Effect.zipRight(
          Effect.sync(() => looks++),
          film([500.3])(seconds)
        )
      yield* Cuts.find(counted, { ...search, durationSeconds: 3600 })
      expect(looks).toBeLessThanOrEqual(3600 + 5)
    })
  )
})
