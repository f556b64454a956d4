import { statfsSync } from "node:fs"

/** With less than this nothing new is begun: what is under way has to be written. */
export const LEAST_FREE = 64 * 1024 ** 2

/** Bytes that this user may still write there; all, where the system doesn't say. */
export const freeBytes = (folder: string): number => {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return Infinity
  }
}
