import { writeSync } from "node:fs"

/** Writes all bytes at a place of a file: on a full disk a single write ends short, and is no error. */
export const writeAll = (handle: number, bytes: Uint8Array, position: number): void => {
  for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at, bytes.length - at, position + at)
}
