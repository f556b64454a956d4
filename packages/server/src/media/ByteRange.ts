/** A part of a file: both ends are within it, and `end` is the last byte. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * What a `Range` header asks of a file (RFC 9110, 14.2). `undefined`: the whole file, as for a header that is malformed, of another
 * unit or of several ranges. `"outside"`: nothing of it is in the file (416).
 *
 * @param size bytes
 */
export const parse = (header: string | undefined, size: number): ByteRange | "outside" | undefined => {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "")
  if (found === null) return undefined
  const [, first = "", last = ""] = found
  if (first === "" && last === "") return undefined
  if (first === "") {
    const length = Math.min(Number(last), size)
    return length === 0 ? "outside" : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== "" && Number(last) < start) return undefined
  if (start >= size) return "outside"
  return { start, end: last === "" ? size - 1 : Math.min(Number(last), size - 1) }
}
