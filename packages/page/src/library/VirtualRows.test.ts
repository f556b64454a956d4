import { describe, expect, it } from "vitest"
import * as fc from "fast-check"
import { TALLEST, VirtualRows } from "./VirtualRows.js"

const VIEWPORT = 600
const SHOWN = 24

describe("virtual rows", () => {
  it("shows the rows at the scrollbar's place and some around them, always as many", () => {
    expect(new VirtualRows(100, 50).window(1000, VIEWPORT, 24)).toEqual({ first: 14, end: 38, top: 700 })
    expect(new VirtualRows(100, 50).window(0, VIEWPORT, 24)).toEqual({ first: 0, end: 24, top: 0 })
    expect(new VirtualRows(100, 50).window(100 * 50 - VIEWPORT, VIEWPORT, 24)).toEqual({ first: 76, end: 100, top: 3800 })
    expect(new VirtualRows(3, 50).window(0, VIEWPORT, 3)).toEqual({ first: 0, end: 3, top: 0 })
    expect(new VirtualRows(0, 50).window(0, VIEWPORT, 0)).toEqual({ first: 0, end: 0, top: 0 })
  })

  it("has every row in sight, wherever the scrollbar stands", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
        const rows = new VirtualRows(count, 50)
        const at = share * Math.max(0, rows.tall - VIEWPORT)
        const { end, first } = rows.window(at, VIEWPORT, Math.min(count, VIEWPORT / 50 + 4))
        expect(first * 50).toBeLessThanOrEqual(at)
        expect(end * 50).toBeGreaterThanOrEqual(Math.min(at + VIEWPORT, count * 50))
      })
    )
  })

  it("is never taller than a browser can show, and reaches the last of a million", () => {
    const rows = new VirtualRows(1_000_000, 56)
    expect(rows.tall).toBe(TALLEST)
    expect(rows.window(0, VIEWPORT, SHOWN).first).toBe(0)
    expect(rows.window(TALLEST - VIEWPORT, VIEWPORT, SHOWN).end).toBe(1_000_000)
  })

  it("moves pixel by pixel with the wheel, however many rows there are", () => {
    const rows = new VirtualRows(1_000_000, 56)
    let last = -1
    for (let at = 6_000_000; at < 6_040_000; at += 400) {
      const { first } = rows.window(at, VIEWPORT, SHOWN)
      if (last >= 0) expect(first - last).toBeLessThanOrEqual(8)
      expect(first).toBeGreaterThanOrEqual(last)
      last = first
    }
  })

  it("brings any row into sight", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        (count, share, jumps) => {
          const rows = new VirtualRows(count, 56)
          const most = Math.max(0, rows.tall - VIEWPORT)
          let at = 0
          for (const jump of jumps) rows.window((at = Math.round(jump * most)), VIEWPORT, SHOWN)
          const row = Math.min(count - 1, Math.floor(share * count))
          const place = rows.reveal(row, at, VIEWPORT)
          const { end, first } = rows.window(place ?? at, VIEWPORT, Math.min(count, SHOWN))
          expect(row).toBeGreaterThanOrEqual(first)
          expect(row).toBeLessThan(end)
        }
      )
    )
  })
})
