import { readSync } from "node:fs"

/** Reads bytes of a file; fewer where it ends. */
export type ReadBytes = (length: number, position: number) => Buffer

/** What a short read takes along: headers are read piece by piece, each of some bytes. */
const PIECE = 4096

/** Bytes of a file as they were read. */
interface Piece {
  readonly start: number
  readonly bytes: Buffer
}

/**
 * Reads a file that stays as it is. The first and the latest piece are kept: most reads ask for a few bytes of them.
 *
 * @param file an open file's descriptor
 * @param size of the file, in bytes
 */
export const reader = (file: number, size: number): ReadBytes => {
  let first: Piece | undefined
  let latest: Piece | undefined
  const load = (length: number, start: number): Piece => {
    const bytes = Buffer.allocUnsafe(Math.min(Math.max(length, PIECE), size - start))
    return { start, bytes: bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start)) }
  }
  return (length, position) => {
    const wanted = Math.min(length, size - position)
    if (wanted <= 0) return Buffer.alloc(0)
    const end = position + wanted
    const kept = [first, latest].find(
      (piece) => piece !== undefined && position >= piece.start && end <= piece.start + piece.bytes.length
    )
    const piece = kept ?? load(wanted, position)
    if (kept === undefined) latest = piece
    first ??= piece
    return piece.bytes.subarray(position - piece.start, end - piece.start)
  }
}

/** Whether a mark stands there, in Latin-1. */
export const at = (bytes: Buffer, offset: number, mark: string): boolean => {
  for (let n = 0; n < mark.length; n++) if (bytes[offset + n] !== mark.charCodeAt(n)) return false
  return true
}

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
