import { existsSync } from "node:fs"
import { type BytePath, forNode } from "./BytePath.js"

/** Folders of a state folder that hold media, or copies of it. */
const holding = new Set(["artifacts", "backups", "cache", "children", "exports", "owners", "previews", "replies", "temporary"])

/** What lies beside them in every state folder: nobody else has all three. The second are those of a worker's folder. */
const marks = [
  ["spool.db", "owners", "temporary"],
  ["cache", "owners", "temporary"]
]

/**
 * Whether a folder belongs to a state folder, of this config or of another: one that was left behind when `state` was changed, or that
 * was copied into a source, still holds what stages made, and a worker's folder what it fetched.
 *
 * @param parent absolute path of the folder that it is in
 */
export const isOwn = (parent: BytePath, name: BytePath): boolean =>
  holding.has(name) && marks.some((all) => all.every((mark) => existsSync(forNode(`${parent}/${mark}`))))

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
