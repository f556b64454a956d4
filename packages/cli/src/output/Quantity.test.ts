import { describe, expect, it } from "@effect/vitest"
import { bytes, count, counted, duration, mediaTime, position } from "./Quantity.js"

describe("Quantity", () => {
  it("groups thousands and minds the plural", () => {
    expect([count(0), count(999), count(1000), count(1234567)]).toEqual(["0", "999", "1,000", "1,234,567"])
    expect([counted(1, "file"), counted(2, "file"), counted(0, "file")]).toEqual(["1 file", "2 files", "0 files"])
  })

  it("says a duration in the units that a person would use", () => {
    expect([0.04, 9.96, 59.6, 120, 200, 7500].map(duration)).toEqual([
      "0.0 s",
      "10 s",
      "1 min",
      "2 min",
      "3 min 20 s",
      "2 h 05 min"
    ])
  })

  it("says a position as a player shows it", () => {
    expect([7.9, 83, 3753].map(position)).toEqual(["0:07", "1:23", "1:02:33"])
  })

  it("adds media up to hours", () => {
    expect([44, 720, 11520, 4334400].map(mediaTime)).toEqual(["44 s", "12 min", "3.2 h", "1,204 h"])
  })

  it("measures bytes as disks are sold", () => {
    expect([0, 712, 1000, 7_200_000, 999_960_000].map(bytes)).toEqual(["0 B", "712 B", "1.0 KB", "7.2 MB", "1000 MB"])
  })
})
