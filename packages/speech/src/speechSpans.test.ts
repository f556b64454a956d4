import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { speechSpans } from "./speechSpans.js"

const FRAME = 0.032
const limits = { threshold: 0.5, minimumSeconds: 0.25, pauseSeconds: 0.3 }
const frames = (...runs: ReadonlyArray<readonly [count: number, probability: number]>) =>
  runs.flatMap(([count, probability]) => Array.from({ length: count }, () => probability))
const spans = (probabilities: ReadonlyArray<number>, settings = limits) =>
  speechSpans(probabilities, FRAME, probabilities.length * FRAME, settings)

describe("speechSpans", () => {
  it("finds speech with a margin, and how sure the model was", () =>
    expect(spans(frames([50, 0.01], [50, 0.9], [50, 0.02]))).toEqual([{ startSeconds: 1.5, endSeconds: 3.3, probability: 0.9 }]))

  it("takes short pauses and faint ends for speech, and short sounds for none", () => {
    expect(spans(frames([20, 0.9], [5, 0.1], [20, 0.9]))).toHaveLength(1)
    expect(spans(frames([20, 0.9], [20, 0.1], [20, 0.9]))).toHaveLength(2)
    expect(spans(frames([20, 0.9], [30, 0.4], [20, 0]))).toMatchObject([{ endSeconds: 1.7 }])
    expect(spans(frames([20, 0], [5, 0.9], [20, 0]))).toEqual([])
  })

  it.prop(
    "gives spans in order, apart, and within the sound",
    [fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 400 })],
    ([probabilities]) => {
      let before = 0
      for (const { endSeconds, probability, startSeconds } of spans(probabilities)) {
        expect(startSeconds).toBeGreaterThanOrEqual(before)
        expect(endSeconds).toBeGreaterThan(startSeconds)
        expect(endSeconds).toBeLessThanOrEqual(Math.round(probabilities.length * FRAME * 1000) / 1000 + 1e-9)
        // Short pauses are part of a span, and of its mean.
        expect(probability).toBeGreaterThan(0)
        expect(probability).toBeLessThanOrEqual(1)
        before = endSeconds
      }
    }
  )
})
