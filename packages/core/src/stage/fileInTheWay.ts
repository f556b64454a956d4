import { statSync } from "node:fs"
import { dirname } from "node:path"

/**
 * What stands where a folder would have to be, and is none: at the path, or on the way to it.
 *
 * @param path absolute
 * @returns absolute; undefined when the folder is there, or nothing that forbids it is
 */
export const fileInTheWay = (path: string): string | undefined => {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found !== undefined) return found.isDirectory() ? undefined : path
  } catch {
    // Nothing can be at this path: what is on the way to it tells why.
  }
  return dirname(path) === path ? undefined : fileInTheWay(dirname(path))
}
