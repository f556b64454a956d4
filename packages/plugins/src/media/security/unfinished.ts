import { at } from "./FileBytes.js"

/** From this size on a header says nothing: what sox and ffmpeg write into a pipe. */
const ENDLESS = 0x7f00_0000

/**
 * Whether the header of an AIFF or AVI was never completed: it was written into a pipe, or a camera was cut off. libav takes what stands
 * in the place of a length for one.
 */
export const isUnfinished = (head: Buffer, size: number): boolean => {
  if (head.length < 12 || size >= ENDLESS) return false
  if (at(head, 0, "FORM")) return head.readUInt32BE(4) >= ENDLESS
  return at(head, 0, "RIFF") && at(head, 8, "AVI ") && (head.readUInt32LE(4) === 0 || head.readUInt32LE(4) >= ENDLESS)
}
