import { describe, expect, it } from "@effect/vitest"
import fc from "fast-check"
import type { JobNode } from "../protocol/StageJob.js"
import { type Passenger, plan } from "./BatchPlan.js"

const node = (name: string): JobNode => ({
  coordinator: "0123456789abcdef",
  pipeline: "sounds",
  node: name,
  stage: name,
  version: 1,
  config: {}
})
const [copy, level] = [node("copy"), node("level")]
const quick: Passenger = { node: level, text: "{}", weight: 1 / 128, isMerged: false, isSuspect: false }
const clip: Passenger = { node: copy, text: "{}", weight: 1 / 128, isMerged: true, isSuspect: false }
const many = (count: number, passenger: Passenger) => Array.from({ length: count }, () => passenger)
const sizes = (ready: ReadonlyArray<Passenger>, slots = 2) => plan(ready, slots).map(({ length }) => length)

describe("Attempts that are ready", () => {
  it("travel together where they are quick, and one by one where each fills a slot", () => {
    expect(sizes(many(200, quick))).toEqual([128, 72])
    expect(sizes(many(3, { ...quick, weight: 1 }))).toEqual([1, 1, 1])
  })

  it("travel alone after something ended under them", () => {
    expect(sizes([quick, { ...quick, isSuspect: true }, quick])).toEqual([2, 1])
  })

  it("are shared out among the slots where they are short media, in no smaller batches than are worth a process", () => {
    expect(sizes(many(60, clip))).toEqual([30, 30])
    expect(sizes(many(12, clip))).toEqual([10, 2])
    expect(sizes(many(200, clip))).toEqual([64, 64, 64, 8])
  })

  it("are each in one batch of their node, whose weight and length are bounded", () => {
    const Ready = fc.record({
      node: fc.constantFrom(copy, level),
      text: fc.nat({ max: 20 }).map((kilobytes) => "x".repeat(kilobytes * 1024)),
      weight: fc.constantFrom(1, 0.5, 1 / 16, 1 / 128),
      isMerged: fc.boolean(),
      isSuspect: fc.boolean()
    })
    fc.assert(
      fc.property(fc.array(Ready, { maxLength: 300 }), fc.nat({ max: 8 }), (ready, slots) => {
        const batches = plan(ready, slots)
        expect(new Set(batches.flat()).size).toBe(new Set(ready).size)
        expect(batches.flat()).toHaveLength(ready.length)
        for (const batch of batches) {
          expect(new Set(batch.map(({ node }) => node)).size).toBe(1)
          if (batch.length === 1) continue
          expect(batch.some(({ isSuspect }) => isSuspect)).toBe(false)
          expect(batch.length).toBeLessThanOrEqual(batch[0].isMerged ? 64 : 128)
          expect(batch.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(1 + 1e-6)
          expect(batch.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(256 * 1024)
        }
      }),
      { numRuns: 50 }
    )
  })
})
