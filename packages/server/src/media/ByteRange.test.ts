import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { parse } from "./ByteRange.js"

describe("a range", () => {
  it("is one part of the file, and its last byte is in it", () => {
    expect(parse("bytes=0-4", 10)).toEqual({ start: 0, end: 4 })
    expect(parse("bytes=5-", 10)).toEqual({ start: 5, end: 9 })
    expect(parse("bytes=-3", 10)).toEqual({ start: 7, end: 9 })
    expect(parse("bytes=-30", 10)).toEqual({ start: 0, end: 9 })
    expect(parse("bytes=8-99", 10)).toEqual({ start: 8, end: 9 })
  })

  it("that is malformed, turned round, several or of another unit is ignored", () => {
    for (const header of [undefined, "", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes=a-b"])
      expect([header, parse(header, 10)]).toEqual([header, undefined])
  })

  it("behind the end is outside", () => {
    for (const header of ["bytes=10-", "bytes=99-100", "bytes=-0"])
      expect([header, parse(header, 10)]).toEqual([header, "outside"])
    expect(parse("bytes=0-", 0)).toBe("outside")
  })

  it("never leaves the file, whatever is asked", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d{0,5}-\d{0,5}$/)), fc.nat(2000), (header, size) => {
        const range = parse(header, size)
        if (range === undefined || range === "outside") return
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.end).toBeGreaterThanOrEqual(range.start)
        expect(range.end).toBeLessThan(size)
      })
    )
  })
})
