import { Schema } from "effect"

const written = Schema.Union(
  Schema.Positive,
  Schema.String.pipe(
    Schema.pattern(/^\d+(\.\d+)?\s*[kK]?$/, { message: () => 'a bit rate is a number of bits per second, or like "24k"' })
  )
)

/** Bits per second; written as a number or like `24k`, which is 24,000. */
export const BitRate = Schema.transform(written, Schema.Positive, {
  strict: true,
  decode: (text) => (typeof text === "number" ? text : parseFloat(text) * (/k$/i.test(text) ? 1000 : 1)),
  encode: (bits) => bits
}).annotations({ identifier: "BitRate" })

/** For people: `24 kbit/s`. */
export const display = (bits: number): string => `${(bits / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kbit/s`
