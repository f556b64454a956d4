import { type Dir, type Dirent, opendirSync, realpathSync } from "node:fs"
import { sep } from "node:path"
import { type BytePath, forNode } from "./BytePath.js"
import { isIgnored } from "./IgnoredName.js"

/** What a name in a folder stands for. `unreadable` is a folder that can't be listed. */
export type EntryKind = "file" | "folder" | "link" | "special" | "unreadable"

export interface Entry {
  readonly kind: EntryKind
  /** Absolute. */
  readonly path: BytePath
  /** Below the walk's root. */
  readonly relative: BytePath
  /** Why a folder is unreadable. */
  readonly cause?: unknown
}

/** A folder to walk, below the root; the root itself is "". */
export interface Start {
  readonly relative: BytePath
  /** Whether its folders are walked too. */
  readonly deep: boolean
}

/** Enough for a system call to pay off, and nothing to hold. */
const NAMES_A_CALL = 128

const kindOf = (entry: Dirent): EntryKind =>
  entry.isFile() ? "file" : entry.isDirectory() ? "folder" : entry.isSymbolicLink() ? "link" : "special"

/** Where a path really is, with every link on the way resolved. */
export const realPath = (path: BytePath): BytePath =>
  realpathSync
    .native(path === "" ? "/" : forNode(path), "buffer")
    .toString("latin1")
    .replaceAll(sep, "/")

/** The root folder's name is its slash; below it a path begins with one. */
const rootless = (path: BytePath): BytePath => (path === "/" ? "" : path)

/**
 * Every entry below the root that has no ignored name, in the file system's order; links are not followed. One folder is open at
 * a time and listed in small pieces, so that memory doesn't grow with a folder. A folder that is no longer where it was, because
 * somebody put a link in its place, is left out; so is one that vanished.
 *
 * @param root absolute, without a slash at its end: "" for the file system's root
 * @param enters whether a folder is looked into
 */
export function* walk(
  root: BytePath,
  starts: ReadonlyArray<Start>,
  enters: (relative: BytePath) => boolean
): Generator<Entry, void, void> {
  const realRoot = rootless(realPath(root))
  const stack = [...starts]
  // File systems that don't tell an entry's type make Node look it up itself, for which names must be Buffers: slower, so only then.
  let careful = false
  for (let start = stack.pop(); start !== undefined; start = stack.pop()) {
    const { deep, relative } = start
    const path = relative === "" ? root : `${root}/${relative}`
    const prefix = relative === "" ? "" : `${relative}/`
    let folder: Dir | undefined
    try {
      if (relative !== "" && rootless(realPath(path)) !== `${realRoot}/${relative}`) continue
      folder = open(path, careful)
      for (;;) {
        const entry = folder.readSync()
        if (entry === null) break
        const name = nameOf(entry)
        if (isIgnored(name)) continue
        const kind = kindOf(entry)
        const below = prefix + name
        yield { kind, path: `${path}/${name}`, relative: below }
        if (kind === "folder" && deep && enters(below)) stack.push({ relative: below, deep })
      }
    } catch (cause) {
      if (!careful && folder !== undefined) {
        careful = true
        stack.push(start)
      } else if (!vanished(cause)) {
        yield { kind: "unreadable", path, relative, cause }
      }
    } finally {
      folder?.closeSync()
    }
  }
}

const open = (folder: BytePath, careful: boolean): Dir => {
  const path = folder === "" ? "/" : folder
  return careful
    ? // The types know strings only; Node takes Buffers in both places.
      opendirSync(Buffer.from(path, "latin1") as unknown as string, {
        encoding: "buffer" as BufferEncoding,
        bufferSize: NAMES_A_CALL
      })
    : opendirSync(forNode(path) as string, { encoding: "latin1", bufferSize: NAMES_A_CALL })
}

const nameOf = (entry: Dirent<string | Buffer>): BytePath =>
  typeof entry.name === "string" ? entry.name : entry.name.toString("latin1")

const code = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined)

/** Whether it is the file itself that isn't there, and not the right to look. */
export const vanished = (cause: unknown): boolean => code(cause) === "ENOENT" || code(cause) === "ENOTDIR"
