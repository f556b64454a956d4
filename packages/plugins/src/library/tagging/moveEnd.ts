import { ftruncateSync, readSync } from "node:fs"
import { writeAll } from "./writeAll.js"

const STEP = 1 << 20

/**
 * Moves the end of a file by some bytes, a step at a time; where it grows, from its end on.
 *
 * @param from where the end begins
 * @param size of the file
 */
export const moveEnd = (handle: number, from: number, size: number, by: number): void => {
  const bytes = Buffer.alloc(STEP)
  const move = (at: number, length: number) => {
    writeAll(handle, bytes.subarray(0, readSync(handle, bytes, 0, length, at)), at + by)
  }
  if (by > 0) for (let end = size; end > from; end -= STEP) move(Math.max(from, end - STEP), Math.min(STEP, end - from))
  else if (by < 0) for (let at = from; at < size; at += STEP) move(at, Math.min(STEP, size - at))
  if (by < 0) ftruncateSync(handle, size + by)
}
