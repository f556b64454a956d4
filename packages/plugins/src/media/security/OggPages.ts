import { at, CHUNK, MOST_PARTS, type ReadBytes } from "./FileBytes.js"

export const isOgg = (head: Buffer): boolean => at(head, 0, "OggS")

/** Bytes that the last page of an Ogg file lacks. */
export const lacks = (tail: Buffer): number => {
  const page = tail.lastIndexOf("OggS", undefined, "latin1")
  if (page < 0 || tail[page + 4] !== 0) return 0
  const segments = tail[page + 26]
  if (segments === undefined || page + 27 + segments > tail.length) return 1
  let length = 27 + segments
  for (let i = 0; i < segments; i++) length += tail[page + 27 + i] ?? 0
  return Math.max(0, page + length - tail.length)
}

/** Where the links of an Ogg begin: each with its streams' first pages, after others that had begun to sound. */
export const links = (read: ReadBytes, size: number): ReadonlyArray<number> => {
  const links = [0]
  let sounds = false
  let start = 0
  while (start + 27 < size && links.length < MOST_PARTS) {
    const chunk = read(CHUNK, start)
    let offset = 0
    while (offset + 27 <= chunk.length) {
      if (!at(chunk, offset, "OggS")) {
        const next = chunk.indexOf("OggS", offset + 1, "latin1")
        offset = next < 0 ? chunk.length : next
        continue
      }
      const segments = chunk[offset + 26] ?? 0
      if (offset + 27 + segments > chunk.length) break
      const begins = ((chunk[offset + 5] ?? 0) & 2) !== 0
      if (begins && sounds) links.push(start + offset)
      sounds = !begins
      const lacing = chunk.subarray(offset + 27, offset + 27 + segments)
      offset += 27 + segments + lacing.reduce((sum, bytes) => sum + bytes, 0)
    }
    start += Math.max(offset, 1)
  }
  return links
}
