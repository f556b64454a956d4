import { existsSync } from "node:fs"
import { type BytePath, forNode } from "./BytePath.js"

/** Folders of a state folder that hold media, or copies of it. */
const holding = new Set(["artifacts", "backups", "children", "exports", "owners", "previews", "replies", "temporary"])

/** What lies beside them in every state folder: nobody else has all three. */
const marks = ["spool.db", "owners", "temporary"]

/**
 * Whether a folder belongs to a state folder, of this config or of another: one that was left behind when `state` was changed, or that
 * was copied into a source, still holds what stages made.
 *
 * @param parent absolute path of the folder that it is in
 */
export const isOwn = (parent: BytePath, name: BytePath): boolean =>
  holding.has(name) && marks.every((mark) => existsSync(forNode(`${parent}/${mark}`)))

/**
 * Whether a path lies in such a folder.
 *
 * @param root absolute
 * @param relative of a file or folder below the root
 */
export const holds = (root: BytePath, relative: BytePath): boolean => {
  const names = relative.split("/")
  return names.some((name, i) => holding.has(name) && isOwn([root, ...names.slice(0, i)].join("/"), name))
}
