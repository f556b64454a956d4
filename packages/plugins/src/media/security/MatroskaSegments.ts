import { CHUNK, MOST_PARTS, type ReadBytes } from "./FileBytes.js"

const EBML = Buffer.from("1a45dfa3", "hex")
const SEGMENT = Buffer.from("18538067", "hex")

/** Bytes in which a Matroska's header says what it is. */
const HEADER = 64

export const isMatroska = (head: Buffer): boolean => head.subarray(0, EBML.length).equals(EBML)

/** The number of an EBML element's size, and the bytes that it takes; `undefined` for a size that was left open. */
const elementSize = (bytes: Buffer, offset: number): { readonly value: number | undefined; readonly length: number } => {
  const first = bytes[offset] ?? 0
  const length = Math.clz32(first) - 23
  if (length > 8 || offset + length > bytes.length) return { value: undefined, length: 1 }
  let value = first & ((1 << (8 - length)) - 1)
  let open = value === (1 << (8 - length)) - 1
  for (let i = 1; i < length; i++) {
    const byte = bytes[offset + i] ?? 0
    open &&= byte === 0xff
    value = value * 256 + byte
  }
  return { value: open ? undefined : value, length }
}

/** Where the first segment of a Matroska or WebM ends, in bytes; `Infinity` where its size was left open. */
const firstEnd = (head: Buffer): number | undefined => {
  if (!isMatroska(head)) return undefined
  const own = elementSize(head, EBML.length)
  const segment = EBML.length + own.length + (own.value ?? 0)
  if (!head.subarray(segment, segment + SEGMENT.length).equals(SEGMENT)) return undefined
  const { length, value } = elementSize(head, segment + SEGMENT.length)
  return value === undefined ? Infinity : segment + SEGMENT.length + length + value
}

/** Whether a Matroska or WebM was written by a recorder that couldn't go back. */
export const isOpen = (head: Buffer): boolean => firstEnd(head) === Infinity

/** Whether a Matroska or WebM may go on after its first segment. */
export const isContinued = (read: ReadBytes, head: Buffer, size: number): boolean => {
  const end = firstEnd(head)
  return end !== undefined && (end === Infinity || (end + EBML.length < size && isMatroska(read(EBML.length, end))))
}

/** The header of a Matroska: its kind stands within the first bytes. */
const isHeader = (bytes: Buffer): boolean =>
  isMatroska(bytes) && /matroska|webm/.test(bytes.toString("latin1", EBML.length, HEADER))

/** Where the recordings begin that stand behind each other in a Matroska: libav goes on once, and no further. */
export const starts = (read: ReadBytes, size: number): ReadonlyArray<number> => {
  const segments: Array<number> = []
  for (let start = 0; start < size && segments.length < MOST_PARTS; start += CHUNK) {
    // A header may stand across two pieces.
    const piece = read(CHUNK + HEADER, start)
    for (let at = piece.indexOf(EBML); at >= 0 && at < CHUNK; at = piece.indexOf(EBML, at + 1))
      if (isHeader(piece.subarray(at, at + HEADER))) segments.push(start + at)
  }
  return segments
}
