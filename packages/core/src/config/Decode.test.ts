import { describe, expect, it } from "@effect/vitest"
import { Duration, Either, FastCheck as fc, Schema } from "effect"
import * as Field from "../stage/Field.js"
import { SecretRef } from "../stage/Secret.js"
import { decode } from "./Decode.js"
import * as Diagnostic from "./Diagnostic.js"
import { Interval, Timeout, Wait } from "./Interval.js"
import { parse } from "./YamlTree.js"

const Config = Schema.Struct({
  format: Field.required(Schema.Literal("mp3", "wav"), "Container of the copy"),
  rate: Field.withDefault(Schema.Int.pipe(Schema.between(8000, 48000)), 16000, "Hz"),
  title: Field.maybe(Schema.NonEmptyString, "Title"),
  key: Field.maybe(SecretRef, "The account's key"),
  cuts: Field.withDefault(Schema.Array(Schema.Struct({ seconds: Schema.Positive })), [], "Cuts"),
  from: Field.maybe(
    Schema.Union(
      Schema.Struct({ url: Schema.String, size: Schema.Number }),
      Schema.Struct({ path: Schema.String, name: Schema.optional(Schema.String) })
    ),
    "Where from"
  ),
  wait: Field.withDefault(Interval, Duration.seconds(1), "How long")
})

const faults = (yaml: string) =>
  Either.match(decode(Config, Either.getOrThrow(parse(yaml)), { file: "spool.yaml", path: ["with"] }), {
    onLeft: (faults) => faults.map((fault) => Diagnostic.render(fault)),
    onRight: () => []
  })

describe("Decode", () => {
  it("names every fault with its place, its words and what would fit", () => {
    expect(
      faults(
        "format: ogg\nrate: 3.5\ntitle: ''\ncuts:\n  - seconds: 1\n  - {seconds: -1, colour: red}\nsampelRate: 1\nratee: 2\nwait: soon"
      )
    ).toEqual([
      `spool.yaml:7:1 with.sampelRate: unknown key 'sampelRate' (format, rate, title, key, cuts, from, wait)`,
      `spool.yaml:8:1 with.ratee: unknown key 'ratee' (did you mean rate?)`,
      `spool.yaml:1:9 with.format: expected "mp3" or "wav", got "ogg"`,
      `spool.yaml:2:7 with.rate: expected an integer from 8000 to 48000, got 3.5`,
      `spool.yaml:3:8 with.title: expected text that is not empty, got text`,
      `spool.yaml:6:19 with.cuts[1].colour: unknown key 'colour' (did you mean seconds?)`,
      `spool.yaml:6:15 with.cuts[1].seconds: expected a number above 0, got -1`,
      `spool.yaml:9:7 with.wait: expected a time such as 500ms, 30s, 5m, 1h or 7d`
    ])
  })

  it("says what a missing field is for", () => {
    expect(faults("rate: 8000")).toEqual([`spool.yaml:1:1 with.format: 'format' is missing in 'with' (Container of the copy)`])
  })

  it("reports the member of a union that was nearly met", () => {
    expect(faults("format: mp3\nfrom: {path: a, nam: b}")).toEqual([
      `spool.yaml:2:17 with.from.nam: unknown key 'nam' (did you mean name?)`
    ])
    expect(faults("format: mp3\nfrom: here")).toEqual(["spool.yaml:2:7 with.from: expected a mapping, got text"])
  })

  it("never repeats what stands in a secret's place", () => {
    for (const key of [
      "sk-CANARY",
      "[sk-CANARY]",
      "{env: sk-CANARY, file: CANARY}",
      "{evn: sk-CANARY}",
      "{sk-CANARY: x}",
      "{env: [sk-CANARY]}"
    ]) {
      const found = faults(`format: mp3\nkey: ${key}`)
      expect(found).toHaveLength(1)
      expect(found[0]).toMatch(/^spool.yaml:2:6 with.key: expected { env: NAME } or { file: PATH }, got (text|a list|a mapping)$/)
    }
  })

  it("never repeats free text", () => {
    expect(faults("format: mp3\ncuts: sk-CANARY\nfrom: sk-CANARY").join()).not.toContain("CANARY")
  })
})

describe("Interval", () => {
  it.prop(
    "reads every unit",
    [fc.integer({ min: 0, max: 10_000 }), fc.constantFrom("ms", "s", "m", "min", "h", "d")],
    ([n, unit]) => {
      const factors: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, min: 6e4, h: 36e5, d: 864e5 }
      expect(Duration.toMillis(Schema.decodeSync(Interval)(`${n}${unit}`))).toBe(n * (factors[unit] ?? 0))
      expect(Duration.toMillis(Schema.decodeSync(Interval)(Schema.encodeSync(Interval)(Duration.millis(n))))).toBe(n)
    }
  )

  it("counts seconds where there is no unit", () => {
    expect(Duration.toMillis(Schema.decodeSync(Interval)(1.5))).toBe(1500)
  })

  it("is no time that no timer holds, where it is waited for, and no time at all, where something has to end in it", () => {
    const [interval, wait, timeout] = [Interval, Wait, Timeout].map((schema) => Schema.decodeUnknownEither(schema))
    for (const given of ["25d", "600h", 2_147_484, 1e99, "9".repeat(400) + "d"]) {
      expect([wait?.(given), timeout?.(given)].map((found) => found !== undefined && Either.isLeft(found))).toEqual([true, true])
    }
    for (const given of [0, "0ms"])
      expect([interval?.(given), wait?.(given), timeout?.(given)].map((found) => found && Either.isRight(found))).toEqual([
        true,
        true,
        false
      ])
    expect([interval?.("25d"), wait?.("24d"), timeout?.("1ms")].map((found) => found && Either.isRight(found))).toEqual([
      true,
      true,
      true
    ])
  })

  it.prop("refuses the rest", [fc.string()], ([text]) => {
    fc.pre(!/^\d+(\.\d+)?\s*(ms|s|m|min|h|d)$/.test(text))
    expect(Either.isLeft(Schema.decodeUnknownEither(Interval)(text))).toBe(true)
  })
})
