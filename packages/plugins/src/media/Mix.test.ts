import { describe, expect, it } from "@effect/vitest"
import { mixFilters, mixFor } from "./Mix.js"

/** What a sum loses, for how much of the time each way. */
const mix = (loss: number, flippedLoss: number, loudest: number, lost = 0, flippedLost = 0, loudestLost = 0) =>
  mixFor({ loss, flippedLoss, loudest, lost, flippedLost, loudestLost })

describe("Mix", () => {
  it("leaves alone what a sum keeps", () => {
    expect(mix(-3, 60, 0)).toBeUndefined()
    expect(mix(2.9, -2, 0)).toBeUndefined()
  })

  it("turns every second channel over where that keeps the sound, and else takes the loudest", () => {
    expect(mix(40, -3, 0)).toBe("flipped")
    expect(mix(40, 12, 1)).toBe(1)
  })

  it("goes by the time that each way loses, where the channels are in opposite phase for a part of it", () => {
    expect(mix(0, 0, 1, 0.5, 0.5, 0)).toBe(1)
    expect(mix(0, 0, 1, 0.05, 0.9, 0)).toBeUndefined()
    expect(mix(1, -1, 0, 0.7, 0.05, 0)).toBe("flipped")
    // One channel alone would lose more.
    expect(mix(0, 0, 0, 0.2, 0.3, 0.5)).toBeUndefined()
  })

  it("is FFmpeg's own matrix up to eight channels, and a sum that can't overload beyond", () => {
    expect(mixFilters({ channels: 2 }, 1, undefined, "mono")).toEqual([])
    expect(mixFilters({ channels: 16 }, 16, undefined, "")).toEqual([])
    expect(mixFilters({ channels: 2 }, 1, "flipped", "mono")).toEqual(["pan=mono|c0=0.500000*c0-0.500000*c1"])
    expect(mixFilters({ channels: 2 }, 1, 1, "mono")).toEqual(["pan=mono|c0=c1"])
    expect(mixFilters({ channels: 3, isUnplaced: true }, 1, undefined, "mono")).toEqual([
      "channelmap=map=0|1|2:channel_layout=3.0"
    ])
    const [wide = ""] = mixFilters({ channels: 60, isUnplaced: true }, 2, undefined, "stereo")
    for (const output of wide.split("|").slice(1)) {
      const shares = [...output.matchAll(/([\d.]+)\*c/g)].map(([, share]) => Number(share))
      expect(shares).toHaveLength(30)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 3)
    }
  })
})
