import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import * as Canonical from "./Canonical.js"

const text = (value: unknown, except?: Canonical.Except) => Either.getOrThrow(Canonical.stringify(value, except))
const refused = (value: unknown) =>
  Either.match(Canonical.stringify(value), { onLeft: (e) => e.detail, onRight: () => "accepted" })

/** The same value with its keys in the opposite order, at every level. */
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, field]) => [key, reversed(field)])
        )
      : value

describe("Canonical", () => {
  it("writes the example of RFC 8785", () => {
    expect(
      text({
        numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        string: "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        literals: [null, true, false]
      })
    ).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
  })

  it("sorts keys by UTF-16 code units, as RFC 8785 shows", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"]
    const sorted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"]
    expect(text(Object.fromEntries(keys.map((key) => [key, 0])))).toBe(
      `{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(",")}}`
    )
  })

  it.prop("is JSON of the same value, whatever the order of keys", [fc.jsonValue()], ([value]) => {
    expect(JSON.parse(text(value))).toEqual(JSON.parse(JSON.stringify(value)))
    expect(text(reversed(value))).toBe(text(value))
  })

  it.prop("is the same for the same value only", [fc.jsonValue(), fc.jsonValue()], ([a, b]) => {
    const same = text(a) === text(b)
    expect(same).toBe(text(JSON.parse(JSON.stringify(a))) === text(JSON.parse(JSON.stringify(b))))
    if (same) expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)))
  })

  it("refuses what JSON can't hold, and says where it is", () => {
    expect(refused({ a: [0, { b: NaN }] })).toBe("JSON can't hold NaN at .a[1].b")
    expect(refused(-Infinity)).toBe("JSON can't hold -Infinity")
    expect(refused([undefined])).toBe("JSON can't hold undefined at [0]")
    expect(refused({ at: new Date(0) })).toBe("JSON can't hold a Date at .at")
    expect(refused(1n)).toBe("JSON can't hold a bigint")
  })

  it("refuses a value too deep to walk", () => {
    let deep: unknown = 0
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(refused(deep)).toMatch(/^JSON can't hold a value more than 500 levels deep at \[0\]/)
  })

  it("leaves out what is undefined, and what is excepted", () => {
    expect(text({ a: undefined, b: 1 })).toBe('{"b":1}')
    expect(
      text({ a: 1, b: [{ c: 2, d: 3 }], e: { x: { c: 4, d: 5 } } }, { a: true, b: { "*": { c: true } }, e: { "*": { d: true } } })
    ).toBe('{"b":[{"d":3}],"e":{"x":{"c":4}}}')
  })

  it("keeps apart paths of raw bytes", () => {
    expect(text("a\udcff")).toBe('"a\\udcff"')
    expect(text("a\\udcff")).toBe('"a\\\\udcff"')
  })
})
