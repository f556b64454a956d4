import { at, type ReadBytes } from "./FileBytes.js"

/** Bytes of an ID3v2 or APEv2 header. */
const HEADER = { id3: 10, ape: 32 }

/** Tags behind each other that are looked through. */
const MOST = 16

/** Whether an APEv2 begins there. */
export const isApe = (bytes: Buffer, offset = 0): boolean => at(bytes, offset, "APETAGEX")

/** The size in bytes of the tag (ID3v2, APEv2) that begins there; 0 where none does. */
export const sizeOf = (bytes: Buffer, offset = 0): number => {
  if (at(bytes, offset, "ID3") && offset + HEADER.id3 <= bytes.length) {
    const size = [6, 7, 8, 9].reduce((sum, n) => (sum << 7) | ((bytes[offset + n] ?? 0) & 0x7f), 0)
    const footer = ((bytes[offset + 5] ?? 0) & 0x10) === 0 ? 0 : HEADER.id3
    return HEADER.id3 + size + footer
  }
  // The size leaves out the header, which says of itself that it is one.
  return isApe(bytes, offset) && offset + HEADER.ape <= bytes.length && ((bytes[offset + 23] ?? 0) & 0x20) !== 0
    ? HEADER.ape + bytes.readUInt32LE(offset + 12)
    : 0
}

/** Where the content begins, after the tags that stand in front of it. */
export const end = (read: ReadBytes, head: Buffer): number => after(read, 0, head)

/** Where the tags end that begin there. */
export const after = (read: ReadBytes, start: number, head = read(HEADER.ape, start)): number => {
  let [position, size] = [start, sizeOf(head)]
  for (let n = 0; n < MOST && size > 0; n++) {
    position += size
    size = sizeOf(read(HEADER.ape, position))
  }
  return position
}

/** How the tags begin that stand before, between and after recordings. */
const marks = ["ID3", "TAG", "APETAGEX", "LYRICSBEGIN"]

/** Whether a tag begins there. */
export const isTag = (bytes: Buffer): boolean => marks.some((mark) => at(bytes, 0, mark))
