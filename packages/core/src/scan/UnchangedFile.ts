import { lstatSync } from "node:fs"
import * as RawPath from "../stage/RawPath.js"
import type { FileStat } from "../store/FileStat.js"
import { same } from "./FoundFile.js"
import { SourceError } from "./SourceError.js"

const now = (path: string): FileStat | undefined => {
  try {
    return lstatSync(RawPath.forNode(path), { bigint: true, throwIfNoEntry: false })
  } catch {
    // A folder on the way can't be read any more: what was read can't be vouched for.
    return undefined
  }
}

/**
 * Why the bytes read from a path since it was hashed may not be those of its hash; `undefined` when they are. One lstat: whoever
 * writes, replaces or renames a file changes its ctime, also when the times are put back, so a look after reading is enough.
 *
 * @param path absolute; a RawPath
 * @param hashed what the file's lstat said when it was hashed
 */
export const check = (path: string, hashed: FileStat): SourceError | undefined => {
  const stat = now(path)
  if (stat !== undefined && same(stat, hashed)) return undefined
  return new SourceError({
    code: stat === undefined ? "FileVanished" : "FileChanged",
    detail: `${RawPath.display(path)} ${stat === undefined ? "went away" : "changed"} while it was processed`
  })
}
