import type { Row } from "./Library.js"
import * as RawPath from "./RawPath.js"

/** What stands in a row, by the column's name. NULL, and a column that isn't there, is `undefined`. */
export const number = (row: Row, name: string): number | undefined => {
  const value = row[name]
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined
}

/** A text; any other value is `undefined` too. */
export const text = (row: Row, name: string): string | undefined => {
  const value = row[name]
  return typeof value === "string" ? value : undefined
}

/** A path, selected as a BLOB. */
export const path = (row: Row, name: string): string => {
  const value = row[name]
  return value instanceof Uint8Array ? RawPath.fromBytes(value) : String(value ?? "")
}

/** Milliseconds since 1970 as ISO 8601. */
export const time = (row: Row, name: string): string => new Date(number(row, name) ?? 0).toISOString()
