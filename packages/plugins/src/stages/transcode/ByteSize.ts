import { Schema } from "effect"

const units: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30
}

const written = Schema.Union(
  Schema.Positive,
  Schema.String.pipe(
    Schema.pattern(/^\d+(\.\d+)?\s*([kmg]i?)?b?$/i, { message: () => 'a size is a number of bytes, or like "10MB" or "10MiB"' })
  )
)

const parse = (text: string): number => {
  const unit = text.replace(/^[\d.]+\s*/, "").toLowerCase()
  return Math.floor(parseFloat(text) * (units[unit] ?? units[`${unit}b`] ?? 1))
}

/** Bytes; written as a number or like `10MB` (10,000,000) or `10MiB` (10,485,760). */
export const ByteSize = Schema.transform(written, Schema.Positive, {
  strict: true,
  decode: (text) => (typeof text === "number" ? Math.floor(text) : parse(text)),
  encode: (bytes) => bytes
}).annotations({ identifier: "ByteSize" })

/** For people: `9.6 MB`. */
export const display = (bytes: number): string => {
  const [divisor, unit] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : bytes >= 1e3 ? [1e3, "kB"] : [1, "bytes"]
  return `${(bytes / divisor).toLocaleString("en", { maximumFractionDigits: 2 })} ${unit}`
}
