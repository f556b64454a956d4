import { Duration, ParseResult, Schema } from "effect"

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }
const pattern = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)$/

/** In the largest unit that it is a whole number of. */
const write = (millis: number): string => {
  const unit = ["d", "h", "m", "s"].find((name) => millis > 0 && millis % (units[name] ?? NaN) === 0) ?? "ms"
  return `${millis / (units[unit] ?? 1)}${unit}`
}

const written = Schema.Union(Schema.String.pipe(Schema.pattern(pattern)), Schema.NonNegative.pipe(Schema.finite()))

/** A length of time as people write it: `500ms`, `30s`, `5m`, `1h`, `7d`; a bare number counts seconds. */
export const Interval = Schema.transformOrFail(
  written.annotations({ message: () => "expected a time such as 500ms, 30s, 5m, 1h or 7d" }),
  Schema.DurationFromSelf,
  {
    strict: true,
    decode: (text, _, ast) => {
      if (typeof text === "number") return ParseResult.succeed(Duration.millis(text * 1000))
      const [, amount = "", unit = ""] = pattern.exec(text) ?? []
      const millis = Number(amount) * (units[unit] ?? NaN)
      return Number.isFinite(millis)
        ? ParseResult.succeed(Duration.millis(millis))
        : ParseResult.fail(new ParseResult.Type(ast, text, "this time is too long"))
    },
    encode: (duration) => ParseResult.succeed(write(Duration.toMillis(duration)))
  }
).annotations({
  identifier: "Interval",
  jsonSchema: {
    anyOf: [
      { type: "string", pattern: pattern.source },
      { type: "number", minimum: 0 }
    ]
  }
})
