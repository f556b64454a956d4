import { RawPath, type Row } from "@mediaspool/core"

/** What stands in a row, by the column's name. An absent or NULL number or text is `undefined`. */
export const number = (row: Row, name: string): number | undefined => {
  const value = row[name]
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined
}

export const text = (row: Row, name: string): string | undefined => {
  const value = row[name]
  return typeof value === "string" ? value : undefined
}

/** A path, selected as a BLOB. */
export const path = (row: Row, name: string): string => {
  const value = row[name]
  return value instanceof Uint8Array ? RawPath.fromBytes(value) : String(value ?? "")
}
