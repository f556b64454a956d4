import { describe, expect, it } from "@effect/vitest"
import { edges, inaudible } from "./Inaudible.js"

describe("Inaudible", () => {
  it("looks only at sounds that are sampled fast, and at what the copy can hold of them", () => {
    expect(edges(48_000, 16_000)).toEqual([])
    expect(edges(192_000, 16_000)).toEqual([20_000, 8000])
    expect(edges(384_000, 192_000)).toEqual([20_000])
  })

  it("names the highest frequency above which all of it lies", () => {
    const of = (...bands: ReadonlyArray<readonly [inside: number, outside: number]>) =>
      inaudible(
        [20_000, 8000],
        bands.map(([inside, outside]) => ({ inside, outside }))
      )
    expect(of([-80, -20], [-85, -20])).toBe("it holds nothing audible: all that sounds lies above 20 kHz")
    expect(of([-15, -70], [-75, -15])).toBe("it holds nothing audible: all that sounds lies above 8 kHz")
    expect(of([-30, -20], [-30, -20])).toBeUndefined()
  })

  it("takes no noise floor for ultrasound, and silence for nothing", () => {
    const of = (inside: number, outside: number) => inaudible([20_000], [{ inside, outside }])
    expect(of(-68, -58)).toBeUndefined()
    expect(of(-200, -90)).toBeUndefined()
    expect(of(-200, -200)).toBeUndefined()
  })
})
