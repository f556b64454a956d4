import { Effect } from "effect"
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs"
import { notWritten, type TagError } from "./TagError.js"

const STEP = 1 << 20

/** Writes all bytes at a place of a file: on a full disk a single write ends short, and is no error. */
const writeAll = (handle: number, bytes: Uint8Array, position: number): void => {
  for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at, bytes.length - at, position + at)
}

/** Moves what lies from a place on by some bytes, a step at a time; where the file grows, from its end on. */
const moveEnd = (handle: number, from: number, by: number): void => {
  const { size } = fstatSync(handle)
  const bytes = Buffer.alloc(STEP)
  const move = (at: number, length: number) => {
    writeAll(handle, bytes.subarray(0, readSync(handle, bytes, 0, length, at)), at + by)
  }
  if (by > 0) for (let end = size; end > from; end -= STEP) move(Math.max(from, end - STEP), Math.min(STEP, end - from))
  else if (by < 0) for (let at = from; at < size; at += STEP) move(at, Math.min(STEP, size - at))
  if (by < 0) ftruncateSync(handle, size + by)
}

/** Puts bytes in the place of others in a file, whatever their number: what lies behind them moves as a whole. */
export const replaceRange = (path: string, start: number, end: number, bytes: Uint8Array): Effect.Effect<void, TagError> =>
  Effect.acquireUseRelease(
    Effect.try({ try: () => openSync(path, "r+"), catch: notWritten }),
    (handle) =>
      Effect.try({
        try: () => {
          moveEnd(handle, end, bytes.length - (end - start))
          writeAll(handle, bytes, start)
        },
        catch: notWritten
      }),
    (handle) => Effect.sync(() => closeSync(handle))
  )
