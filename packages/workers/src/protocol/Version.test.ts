import { describe, expect, it } from "@effect/vitest"
import { series, version } from "./Version.js"

describe("Versions", () => {
  it("of one series work together: the major one, and before 1.0 the minor one too", () => {
    expect(series("1.4.2")).toBe(series("1.9.0"))
    expect(series("1.4.2")).not.toBe(series("2.0.0"))
    expect(series("0.1.0")).toBe(series("0.1.7"))
    expect(series("0.1.0")).not.toBe(series("0.2.0"))
    expect(version).toMatch(/^\d+\.\d+\.\d+/)
  })
})
