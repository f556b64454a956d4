import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { has, isUnfinished, toggled, tokens } from "./Tokens.js"

describe("the pieces of a query", () => {
  it("are words, phrases and fields", () => {
    expect(
      tokens('rain "heavy rain" emotion:calm -wind instruments:"acoustic guitar"').map(({ isChip, text }) => [text, isChip])
    ).toEqual([
      ["rain", false],
      ['"heavy rain"', false],
      ["emotion:calm", true],
      ["-wind", false],
      ['instruments:"acoustic guitar"', true]
    ])
  })

  it("are added by a click, and taken out by the next", () => {
    expect(toggled("rain", "emotion:calm")).toBe("rain emotion:calm")
    expect(toggled("rain emotion:calm wind", "emotion:calm")).toBe("rain wind")
    expect(toggled("", "emotion:calm")).toBe("emotion:calm")
  })

  it("are waited for while a field has no value", () => {
    expect(["emotion:", "rain -emotion:", "emotion:calm", "rain", "rain emotion: ", "12:", ""].map(isUnfinished)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false
    ])
  })

  it("come out as they went in, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string(), (query) => {
        for (const { end, start, text } of tokens(query)) expect(query.slice(start, end)).toBe(text)
        const piece = 'mood:"very calm"'
        if (!has(query, piece) && !/["“”「」]/.test(query)) expect(has(toggled(query, piece), piece)).toBe(true)
      })
    )
  })
})
