import { Duration, ParseResult, Schema } from "effect"

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }
const pattern = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)$/

/** In the largest unit that it is a whole number of. */
const write = (millis: number): string => {
  const unit = ["d", "h", "m", "s"].find((name) => millis > 0 && millis % (units[name] ?? NaN) === 0) ?? "ms"
  return `${millis / (units[unit] ?? 1)}${unit}`
}

const written = Schema.Union(Schema.String.pipe(Schema.pattern(pattern)), Schema.NonNegative.pipe(Schema.finite()))

/** Which lengths are taken. */
interface Range {
  readonly excludesZero?: boolean
  /** Milliseconds */
  readonly most?: number
}

const interval = (identifier: string, { excludesZero = false, most = Number.MAX_VALUE }: Range) =>
  Schema.transformOrFail(
    written.annotations({ message: () => "expected a time such as 500ms, 30s, 5m, 1h or 7d" }),
    Schema.DurationFromSelf,
    {
      strict: true,
      decode: (given, _, ast) => {
        const [, amount = "", unit = ""] = typeof given === "number" ? [given, given, "s"] : (pattern.exec(given) ?? [])
        const millis = Number(amount) * (units[unit] ?? NaN)
        if (!(millis <= most)) return ParseResult.fail(new ParseResult.Type(ast, given, "this time is too long"))
        return excludesZero && millis === 0
          ? ParseResult.fail(new ParseResult.Type(ast, given, "expected a time above 0"))
          : ParseResult.succeed(Duration.millis(millis))
      },
      encode: (duration) => ParseResult.succeed(write(Duration.toMillis(duration)))
    }
  ).annotations({
    identifier,
    jsonSchema: {
      anyOf: [
        { type: "string", pattern: pattern.source },
        {
          type: "number",
          ...(excludesZero ? { exclusiveMinimum: 0 } : { minimum: 0 }),
          ...(most === Number.MAX_VALUE ? {} : { maximum: Math.floor(most / 1000) })
        }
      ]
    }
  })

/** A length of time as people write it: `500ms`, `30s`, `5m`, `1h`, `7d`; a bare number counts seconds. */
export const Interval = interval("Interval", {})

/** Milliseconds that a timer of Node's holds, some 24 days: one that is longer never rings. */
const MAX_TIMER = 2_147_483_647

/** An {@link Interval} that is waited for: 24 days at most. */
export const Wait = interval("Wait", { most: MAX_TIMER })

/** A {@link Wait} that leaves time to finish: above 0. */
export const Timeout = interval("Timeout", { excludesZero: true, most: MAX_TIMER })
