import { mkdirSync, statSync } from "node:fs"
import { dirname } from "node:path"

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/**
 * Makes a folder and those above it, where they aren't there. Node's own way of doing that never returns where a folder is there and
 * takes no names, as `/proc` does.
 *
 * @param path absolute
 * @throws what the file system says
 */
export const makeFolder = (path: string, mode?: number): void => {
  if (isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path, mode)
  } catch (cause) {
    // Somebody else was quicker.
    if (!isFolder(path)) throw cause
  }
}
