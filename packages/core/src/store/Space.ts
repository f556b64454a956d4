import { Effect } from "effect"
import { statfsSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { StoreError } from "./StoreError.js"

/** Bytes laid aside in the state folder, so that what is under way can be written when the disk is full. */
const RESERVE = 4 * 1024 * 1024
/** With less free space than this nothing new is begun. */
const LEAST_FREE = 64 * 1024 * 1024

/** The file that the writer gives up on a full disk. */
export const reserveFile = (folder: string): string => join(folder, "reserve")

const hasReserve = (folder: string): boolean => statSync(reserveFile(folder), { throwIfNoEntry: false })?.size === RESERVE

/** Bytes that this user may still write there. */
const freeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/**
 * Whether there is room to begin something: fails while the disk is nearly full, and lays the reserve aside when it is there.
 *
 * @param free for tests: bytes that may still be written
 */
export const check = (folder: string, free: (folder: string) => number = freeBytes): Effect.Effect<void, StoreError> =>
  Effect.suspend(() => {
    const left = free(folder)
    if (left < LEAST_FREE)
      return new StoreError({
        code: "StateDiskFull",
        detail: `the disk of ${folder} has ${Math.floor(left / 1_048_576)} MB left`
      })
    if (!hasReserve(folder)) writeFileSync(reserveFile(folder), Buffer.alloc(RESERVE))
    return Effect.void
  }).pipe(Effect.catchAllDefect((cause) => new StoreError({ code: "DatabaseNotWritten", detail: String(cause) })))
