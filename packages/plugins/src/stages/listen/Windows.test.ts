import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Windows from "./Windows.js"

const plan = (durationSeconds: number, windowSeconds: number, ...silences: ReadonlyArray<readonly [number, number]>) =>
  Windows.plan({
    durationSeconds,
    windowSeconds,
    silences: silences.map(([startSeconds, endSeconds]) => ({ startSeconds, endSeconds }))
  })
const bounds = (windows: ReadonlyArray<Windows.Window>) =>
  windows.map(({ endSeconds, startSeconds }) => [startSeconds, endSeconds])

const sound = fc.record({
  durationSeconds: fc.double({ min: 0.01, max: 10_000, noNaN: true }),
  windowSeconds: fc.double({ min: 1, max: 3000, noNaN: true }),
  silences: fc.array(
    fc
      .tuple(fc.double({ min: -5, max: 11_000, noNaN: true }), fc.double({ min: 0, max: 200, noNaN: true }))
      .map(([from, seconds]) => ({
        startSeconds: from,
        endSeconds: from + seconds
      })),
    { maxLength: 30 }
  )
})

describe("Windows", () => {
  it("leaves what fits in one piece", () => {
    expect(plan(30, 30)).toEqual([{ startSeconds: 0, endSeconds: 30, silent: false }])
  })

  it("cuts in the middle of the longest silence", () => {
    expect(bounds(plan(50, 30, [20, 20.4], [24, 26]))).toEqual([
      [0, 25],
      [25, 50]
    ])
  })

  it("shares out evenly where it is never quiet, so that no window is a splinter", () => {
    expect(bounds(plan(62, 30))).toEqual([
      [0, 20.666],
      [20.666, 41.333],
      [41.333, 62]
    ])
  })

  it("cuts where nobody speaks, before it cuts where it is quiet", () => {
    const silences = [{ startSeconds: 28, endSeconds: 28.5 }]
    const pauses = [{ startSeconds: 22, endSeconds: 24 }]
    expect(bounds(Windows.plan({ durationSeconds: 45, windowSeconds: 30, silences, pauses }))).toEqual([
      [0, 23],
      [23, 45]
    ])
    expect(bounds(Windows.plan({ durationSeconds: 45, windowSeconds: 30, silences, pauses: [] }))).toEqual([
      [0, 28.25],
      [28.25, 45]
    ])
  })

  it("marks windows in which nothing is heard", () => {
    expect(plan(90, 30, [29, 70])).toEqual([
      { startSeconds: 0, endSeconds: 29.25, silent: false },
      { startSeconds: 29.25, endSeconds: 69.75, silent: true },
      { startSeconds: 69.75, endSeconds: 90, silent: false }
    ])
    expect(plan(20, 30, [0, 20])).toEqual([{ startSeconds: 0, endSeconds: 20, silent: true }])
    expect(plan(20, 30, [0, 19])).toEqual([{ startSeconds: 0, endSeconds: 20, silent: false }])
  })

  it.prop("covers the file from end to end, in order, without a window that is too long or empty", [sound], ([given]) => {
    const windows = Windows.plan(given)
    const end = Math.round(given.durationSeconds * 1000) / 1000
    expect(windows[0]?.startSeconds).toBe(0)
    expect(windows.at(-1)?.endSeconds).toBe(end)
    for (const [n, { endSeconds, silent, startSeconds }] of windows.entries()) {
      expect(endSeconds).toBeGreaterThan(startSeconds)
      if (!silent) expect(endSeconds - startSeconds).toBeLessThanOrEqual(given.windowSeconds + 1e-6)
      if (n > 0) expect(startSeconds).toBe(windows[n - 1]?.endSeconds)
    }
  })

  it.prop("sends few windows: at most one in two thirds of its size, and one for each pause", [sound], ([given]) => {
    const sent = Windows.plan(given).filter(({ silent }) => !silent)
    expect(sent.length).toBeLessThanOrEqual(given.durationSeconds / (given.windowSeconds * 0.6) + 2 * given.silences.length + 2)
  })
})
