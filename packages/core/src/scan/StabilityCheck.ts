import { same } from "./FoundFile.js"
import type { FileStat } from "../store/FileStat.js"

interface Candidate<A> {
  readonly file: A
  /** When its stamp was first seen as it is; nanoseconds of a clock that only goes forward. */
  readonly since: bigint
}

/**
 * Files that somebody may still be writing. One is settled when two looks, so far apart, saw the same stamp: no clock of a file
 * system and no event is trusted, and a copy that stalls for less than that is never taken for a whole file.
 */
export interface StabilityCheck<A extends FileStat & { readonly path: string }> {
  /**
   * A look at a file, which was made between `from` and `to`. Gives whether that settles it; then it is no longer kept.
   */
  readonly see: (file: A, from: bigint, to: bigint) => boolean
  /** Files to look at once more, oldest first: they settle if they are as they were. */
  readonly due: (at: bigint, limit: number) => ReadonlyArray<A>
  /** When the next file is due; `undefined` when there is none. */
  readonly next: () => bigint | undefined
  readonly forget: (path: string) => void
  readonly has: (path: string) => boolean
  readonly size: () => number
}

/** @param settle nanoseconds */
export const make = <A extends FileStat & { readonly path: string }>(settle: bigint): StabilityCheck<A> => {
  // In order of `since`: a file that changed goes to the end.
  const candidates = new Map<string, Candidate<A>>()
  return {
    see: (file, from, to) => {
      const known = candidates.get(file.path)
      if (known !== undefined && same(known.file, file)) {
        if (from - known.since < settle) return false
        candidates.delete(file.path)
        return true
      }
      candidates.delete(file.path)
      if (settle <= 0n) return true
      candidates.set(file.path, { file, since: to })
      return false
    },
    due: (at, limit) => {
      const due: Array<A> = []
      for (const { file, since } of candidates.values()) {
        if (at - since < settle || due.length === limit) break
        due.push(file)
      }
      return due
    },
    next: () => {
      for (const { since } of candidates.values()) return since + settle
      return undefined
    },
    forget: (path) => void candidates.delete(path),
    has: (path) => candidates.has(path),
    size: () => candidates.size
  }
}
