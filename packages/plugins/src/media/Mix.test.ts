import { describe, expect, it } from "@effect/vitest"
import { mixFilters, mixFor } from "./Mix.js"

describe("Mix", () => {
  it("leaves alone what a sum keeps", () => {
    expect(mixFor({ loss: -3, flippedLoss: 60, loudest: 0 })).toBeUndefined()
    expect(mixFor({ loss: 2.9, flippedLoss: -2, loudest: 0 })).toBeUndefined()
  })

  it("turns every second channel over where that keeps the sound, and else takes the loudest", () => {
    expect(mixFor({ loss: 40, flippedLoss: -3, loudest: 0 })).toBe("flipped")
    expect(mixFor({ loss: 40, flippedLoss: 12, loudest: 1 })).toBe(1)
  })

  it("is FFmpeg's own matrix up to eight channels, and a sum that can't overload beyond", () => {
    expect(mixFilters({ channels: 2 }, 1, undefined, "mono")).toEqual([])
    expect(mixFilters({ channels: 16 }, 16, undefined, "")).toEqual([])
    expect(mixFilters({ channels: 2 }, 1, "flipped", "mono")).toEqual(["pan=mono|c0=0.500000*c0-0.500000*c1"])
    expect(mixFilters({ channels: 2 }, 1, 1, "mono")).toEqual(["pan=mono|c0=c1"])
    const [wide = ""] = mixFilters({ channels: 60, isUnplaced: true }, 2, undefined, "stereo")
    for (const output of wide.split("|").slice(1)) {
      const shares = [...output.matchAll(/([\d.]+)\*c/g)].map(([, share]) => Number(share))
      expect(shares).toHaveLength(30)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 3)
    }
  })
})
