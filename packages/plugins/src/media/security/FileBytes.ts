import { readSync } from "node:fs"

/** Reads bytes of a file; fewer where it ends. */
export type ReadBytes = (length: number, position: number) => Buffer

/** @param file an open file's descriptor */
export const reader =
  (file: number): ReadBytes =>
  (length, position) => {
    const bytes = Buffer.allocUnsafe(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, position))
  }

/** Whether a mark stands there, in Latin-1. */
export const at = (bytes: Buffer, offset: number, mark: string): boolean =>
  bytes.subarray(offset, offset + mark.length).toString("latin1") === mark

/** Bytes that are read at a time on the way through a file. */
export const CHUNK = 1_048_576

/** Recordings behind each other in one file that are told apart; an internet radio's has some dozens. */
export const MOST_PARTS = 10_000

/** Bytes of a file that are read as one. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** The parts of a file that begin at these bytes. */
export const ranges = (starts: ReadonlyArray<number>, size: number): ReadonlyArray<ByteRange> =>
  starts.map((start, n) => ({ start, end: starts[n + 1] ?? size }))
