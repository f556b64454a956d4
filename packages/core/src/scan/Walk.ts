import { type Dirent, readdirSync, realpathSync } from "node:fs"
import { sep } from "node:path"
import { type BytePath, forNode, isPlain } from "./BytePath.js"
import { isIgnored } from "./IgnoredName.js"

/** A folder to walk, below the root; the root itself is "". */
export interface Start {
  readonly relative: BytePath
  /** Whether its folders are walked too. */
  readonly deep: boolean
}

/** What a folder holds, without ignored names. Names are BytePaths of one segment. */
export interface Listing {
  readonly start: Start
  /** Absolute. */
  readonly path: BytePath
  /** What stands before a name to make its path below the root: "" or "folder/". */
  readonly prefix: BytePath
  /** Whether the folder's path is ASCII. */
  readonly plain: boolean
  readonly files: Array<BytePath>
  readonly folders: Array<BytePath>
  readonly links: Array<BytePath>
  /** Pipes, sockets and devices. */
  readonly specials: Array<BytePath>
  /** Why it can't be listed. */
  readonly unreadable?: unknown
}

/** Where a path really is, with every link on the way resolved; "" for the file system's root. */
export const realPath = (path: BytePath): BytePath => {
  const real = realpathSync
    .native(path === "" ? "/" : forNode(path), "buffer")
    .toString("latin1")
    .replaceAll(sep, "/")
  return real === "/" ? "" : real
}

/** Node looks up the type itself where the file system doesn't tell it, and needs the names as bytes for that: slower, so only then. */
const entriesOf = (path: BytePath): ReadonlyArray<Dirent<string | Buffer>> => {
  const folder = path === "" ? "/" : path
  try {
    return readdirSync(forNode(folder), { withFileTypes: true, encoding: "latin1" })
  } catch (cause) {
    if (reasonOf(cause) === "EACCES") throw cause
    return readdirSync(Buffer.from(folder, "latin1"), { withFileTypes: true, encoding: "buffer" })
  }
}

/**
 * Lists a folder; links are not followed. A folder that is no longer where it was, because somebody put a link in its place,
 * is empty, and so is one that vanished.
 *
 * @param root absolute, without a slash at its end: "" for the file system's root
 * @param realRoot where that really is
 */
export const list = (root: BytePath, realRoot: BytePath, start: Start): Listing => {
  const { relative } = start
  const path = relative === "" ? root : `${root}/${relative}`
  const prefix = relative === "" ? "" : `${relative}/`
  const listing: Listing = { start, path, prefix, plain: isPlain(path), files: [], folders: [], links: [], specials: [] }
  try {
    if (relative !== "" && realPath(path) !== `${realRoot}/${relative}`) return listing
    for (const entry of entriesOf(path)) {
      const name = typeof entry.name === "string" ? entry.name : entry.name.toString("latin1")
      if (isIgnored(name)) continue
      if (entry.isFile()) listing.files.push(name)
      else if (entry.isDirectory()) listing.folders.push(name)
      else if (entry.isSymbolicLink()) listing.links.push(name)
      else listing.specials.push(name)
    }
    return listing
  } catch (cause) {
    return vanished(cause) ? listing : { ...listing, unreadable: cause }
  }
}

/** The system's name of what went wrong. */
const reasonOf = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined)

/** Whether it is the file itself that isn't there, and not the right to look. */
export const vanished = (cause: unknown): boolean => reasonOf(cause) === "ENOENT" || reasonOf(cause) === "ENOTDIR"
