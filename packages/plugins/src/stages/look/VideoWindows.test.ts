import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type Planning, plan } from "./VideoWindows.js"

const scene = (startSeconds: number, endSeconds: number, isBlack = false) => ({ startSeconds, endSeconds, isBlack })
const bounds = (video: Planning) => plan(video).map(({ endSeconds, startSeconds }) => [startSeconds, endSeconds])
const of = (more: Partial<Planning>): Planning => ({
  durationSeconds: 30,
  windowSeconds: 20,
  scenes: [scene(0, 7), scene(7, 14), scene(14, 16), scene(16, 30)],
  silences: [],
  by: { _tag: "fewest" },
  ...more
})

describe("VideoWindows", () => {
  it("cuts where a scene ends, as late as the length allows", () => {
    expect(bounds(of({}))).toEqual([
      [0, 16],
      [16, 30]
    ])
    expect(bounds(of({ windowSeconds: 60 }))).toEqual([[0, 30]])
  })

  it("gives each scene a window of its own, and short ones to the one before", () => {
    expect(bounds(of({ by: { _tag: "scene", leastSeconds: 5 } }))).toEqual([
      [0, 7],
      [7, 14],
      [14, 30]
    ])
  })

  it("shares out a long scene", () => {
    expect(bounds(of({ scenes: [scene(0, 30)], windowSeconds: 12 }))).toEqual([
      [0, 10],
      [10, 20],
      [20, 30]
    ])
  })

  it("knows what is black, and what is silent or has no sound", () => {
    const video = of({
      windowSeconds: 10,
      scenes: [scene(0, 10), scene(10, 20, true), scene(20, 30)],
      silences: [{ startSeconds: 10, endSeconds: 30 }]
    })
    expect(plan(video).map(({ isHeard, isSeen }) => [isSeen, isHeard])).toEqual([
      [true, true],
      [false, false],
      [true, false]
    ])
    expect(plan({ ...video, silences: undefined }).some(({ isHeard }) => isHeard)).toBe(false)
  })

  it("covers any video from end to end, with no window that is too long", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 5000, noNaN: true }),
        fc.double({ min: 1, max: 600, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { maxLength: 40 }),
        fc.option(fc.double({ min: 0.5, max: 60, noNaN: true })),
        (durationSeconds, windowSeconds, cuts, leastSeconds) => {
          const sorted = [0, ...cuts.filter((at) => at < durationSeconds).sort((a, b) => a - b)]
          const windows = plan({
            durationSeconds,
            windowSeconds,
            scenes: sorted.map((from, n) => scene(from, sorted[n + 1] ?? durationSeconds)),
            silences: [],
            by: leastSeconds === null ? { _tag: "fewest" } : { _tag: "scene", leastSeconds }
          })
          expect(windows[0]?.startSeconds).toBe(0)
          expect(Math.abs((windows.at(-1)?.endSeconds ?? 0) - durationSeconds)).toBeLessThan(0.002)
          windows.forEach(({ endSeconds, startSeconds }, n) => {
            expect(endSeconds - startSeconds).toBeLessThan(windowSeconds + 0.002)
            expect(endSeconds).toBeGreaterThan(startSeconds)
            if (n > 0) expect(startSeconds).toBe(windows[n - 1]?.endSeconds)
          })
        }
      )
    )
  })
})
