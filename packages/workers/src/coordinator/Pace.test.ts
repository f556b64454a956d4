import { describe, expect, it } from "@effect/vitest"
import { Pace } from "./Pace.js"

describe("A kind of attempts", () => {
  it("waits for nobody before its time is known, and travels together when it turns out quick", () => {
    const pace = new Pace()
    expect(pace.most).toBe(1)
    pace.took(0.2)
    expect(pace.most).toBe(128)
  })

  it("goes alone when it takes longer than its way, also where some are quick", () => {
    const pace = new Pace()
    for (const millis of [200, 0.1, 200, 200, 200, 200, 200, 200]) pace.took(millis)
    expect(pace.most).toBe(1)
  })

  it("isn't taken for slow by a machine that was busy for a moment, but by attempts that held others up", () => {
    const pace = new Pace()
    for (const millis of [0.5, 30, 0.5, 40, 0.5]) pace.took(millis)
    expect(pace.most).toBe(80)
    for (let n = 0; n < 16; n++) pace.slow()
    expect(pace.most).toBe(1)
  })
})
