import type { FileStat } from "../store/FileStat.js"

/** What one stamp takes: four numbers of eight bytes. */
const STAMP_BYTES = 32

/**
 * What files look like one after the other, as the item table remembers them: inode, size, times. The device is left out: it
 * changes when a disk is mounted again. Hexadecimal, because Node turns bytes into that ten times faster than a bigint into digits.
 */
export interface RangeFingerprint {
  readonly add: (stamp: FileStat) => void
  /** The same text as {@link COLUMNS} gives in a query. */
  readonly text: () => string
}

export const COLUMNS = "printf('%016x%016x%016x%016x', ino, size, mtime_ns, ctime_ns)"

/** @param files at most */
export const make = (files: number): RangeFingerprint => {
  const bytes = Buffer.allocUnsafe(files * STAMP_BYTES)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let end = 0
  return {
    add: ({ ctimeNs, ino, mtimeNs, size }) => {
      view.setBigInt64(end, ino)
      view.setBigInt64(end + 8, size)
      view.setBigInt64(end + 16, mtimeNs)
      view.setBigInt64(end + 24, ctimeNs)
      end += STAMP_BYTES
    },
    text: () => bytes.toString("hex", 0, end)
  }
}

/** The parts of a fingerprint's text, one a file. */
export const parts =
  (text: string): ((file: number) => string) =>
  (file) =>
    text.slice(2 * STAMP_BYTES * file, 2 * STAMP_BYTES * (file + 1))
