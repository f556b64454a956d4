import { openReader } from "../store/Connection.js"
import type { FileStat } from "../store/FileStat.js"
import { type BytePath, toBytes } from "./BytePath.js"
import { type IgnoredReason, isReason } from "./IgnoredReason.js"
import { COLUMNS } from "./RangeFingerprint.js"

/** What "done" is meant of: a pipeline, and the row of its present plan. */
export interface Against {
  readonly pipeline: string
  readonly plan: number
}

/** What the item table says of a file that was found. `undefined`: it is as it was, and done. */
export type Verdict = "new" | "changed" | "unfinished" | undefined

export interface Known {
  readonly id: number
  readonly path: Buffer
}

/** A file that was looked into, and is no media. */
export interface KnownIgnored {
  /** What it looked like: see `RangeFingerprint`. */
  readonly fingerprint: string
  readonly reason: IgnoredReason
}

/**
 * Questions of a scan to the item table, and to that of ignored files. Reads stand between `begin` and `end`, and nothing is held in between: an open reader
 * would keep the write-ahead log from shrinking.
 */
export interface ItemLookUp {
  readonly begin: () => void
  readonly end: () => void
  /**
   * What a stretch of paths, from the first to the last in the order of their bytes, looks like where it is done: the text of a
   * `RangeFingerprint`, cut off after `limit` files. One question for some hundred files, whose answer is one text, costs half of as many
   * questions.
   */
  readonly stretch: (first: BytePath, last: BytePath, limit: number) => string
  /** Whether anything is known there. */
  readonly knows: (first: BytePath, last: BytePath) => boolean
  readonly verdict: (path: BytePath, stamp: FileStat) => Verdict
  /** The row that the last `verdict` found; 0 for none. */
  readonly item: () => number
  /** The row of the file that was last known at a path; 0 for none. */
  readonly at: (path: BytePath) => number
  /** Whether a stage wrote the file. */
  readonly isOutput: (path: BytePath) => boolean
  /** How many files are known between two paths. */
  readonly count: (from: Buffer, to: Buffer) => number
  /** The next of them, in order of their paths. */
  readonly page: (after: Buffer, to: Buffer) => ReadonlyArray<Known>
  /** Ignored files of one folder that were looked into, from the first name to the last, by name. */
  readonly ignored: (folder: BytePath, first: BytePath, last: BytePath) => ReadonlyMap<BytePath, KnownIgnored>
  /** How many of them there are in the folders from one on, up to another. */
  readonly countIgnored: (from: Buffer, to: Buffer) => number
  /** The next of them, in order of their folders. */
  readonly pageIgnored: (after: IgnoredPath, to: Buffer) => ReadonlyArray<IgnoredPath>
}

/** Where an ignored file is: its folder with a slash at its end, and its name. */
export interface IgnoredPath {
  readonly folder: Buffer
  readonly name: Buffer
}

/** Without a database every file is new. */
export const nothing: ItemLookUp = {
  begin: () => {},
  end: () => {},
  stretch: () => "",
  knows: () => false,
  verdict: () => "new",
  item: () => 0,
  at: () => 0,
  isOutput: () => false,
  count: () => 0,
  page: () => [],
  ignored: () => new Map(),
  countIgnored: () => 0,
  pageIgnored: () => []
}

const AT = "SELECT id FROM item WHERE path = ? AND gone_at = 0"
const COUNT = "SELECT count(*) FROM item WHERE path > ? AND path < ? AND gone_at = 0"
const KNOWN = "SELECT id, path FROM item WHERE path > ? AND path < ? AND gone_at = 0 ORDER BY path LIMIT 1000"
const KNOWS = "SELECT EXISTS (SELECT 1 FROM item WHERE path >= ? AND path <= ? AND gone_at = 0)"
const OUTPUT = "SELECT 1 FROM output WHERE path = ?"
const STRETCH = `SELECT group_concat(${COLUMNS}, '') FROM (
  SELECT ino, size, mtime_ns, ctime_ns
  FROM item CROSS JOIN item_state ON item = item.id AND pipeline = ? AND plan = ? AND state = 'done'
  WHERE path >= ? AND path <= ? AND gone_at = 0 ORDER BY path LIMIT ?)`

const IGNORED = `SELECT name, ${COLUMNS} AS fingerprint, reason FROM ignored_file WHERE folder = ? AND name >= ? AND name <= ?`
const COUNT_IGNORED = "SELECT count(*) FROM ignored_file WHERE folder >= ? AND folder < ?"
const PAGE_IGNORED =
  "SELECT folder, name FROM ignored_file WHERE (folder, name) > (?, ?) AND folder < ? ORDER BY folder, name LIMIT 1000"

/** A scan comes by every page once or twice: more is of no use to it, and counts for each of its threads. */
const CACHE_KIB = 4_096

type Looked = readonly [id: number, same: number, done: number]

/**
 * Opens a connection that all scans of a thread share.
 *
 * @param file `spool.db`
 * @param lookUp `Items.LOOK_UP`
 */
export const connect = (file: string, lookUp: string): ((against: Against) => ItemLookUp) => {
  const connection = openReader(file, CACHE_KIB)
  const begin = connection.prepare("BEGIN")
  const end = connection.prepare("COMMIT")
  const stretch = connection.prepare<[string, number, Buffer, Buffer, number], string | null>(STRETCH).pluck()
  const knows = connection.prepare<[Buffer, Buffer], number>(KNOWS).pluck()
  const look = connection.prepare<Array<bigint | string | number | Buffer>, Looked>(lookUp).raw()
  const output = connection.prepare<[Buffer], number>(OUTPUT).pluck()
  const at = connection.prepare<[Buffer], number>(AT).pluck()
  const count = connection.prepare<[Buffer, Buffer], number>(COUNT).pluck()
  const page = connection.prepare<[Buffer, Buffer], Known>(KNOWN)
  const ignored = connection.prepare<[Buffer, Buffer, Buffer], readonly [Buffer, string, string]>(IGNORED).raw()
  const countIgnored = connection.prepare<[Buffer, Buffer], number>(COUNT_IGNORED).pluck()
  const pageIgnored = connection.prepare<[Buffer, Buffer, Buffer], IgnoredPath>(PAGE_IGNORED)
  return ({ pipeline, plan }) => {
    let item = 0
    return {
      begin: () => begin.run(),
      end: () => end.run(),
      stretch: (first, last, limit) => stretch.get(pipeline, plan, toBytes(first), toBytes(last), limit) ?? "",
      knows: (first, last) => knows.get(toBytes(first), toBytes(last)) === 1,
      verdict: (path, { ctimeNs, dev, ino, mtimeNs, size }) => {
        const row = look.get(dev, ino, size, mtimeNs, ctimeNs, pipeline, plan, toBytes(path))
        item = row === undefined ? 0 : row[0]
        return row === undefined ? "new" : row[1] === 0 ? "changed" : row[2] === 0 ? "unfinished" : undefined
      },
      item: () => item,
      at: (path) => at.get(toBytes(path)) ?? 0,
      isOutput: (path) => output.get(toBytes(path)) !== undefined,
      count: (from, to) => count.get(from, to) ?? 0,
      page: (after, to) => page.all(after, to),
      ignored: (folder, first, last) => {
        const rows = new Map<BytePath, KnownIgnored>()
        for (const [name, fingerprint, reason] of ignored.all(toBytes(folder), toBytes(first), toBytes(last)))
          if (isReason(reason)) rows.set(name.toString("latin1"), { fingerprint, reason })
        return rows
      },
      countIgnored: (from, to) => countIgnored.get(from, to) ?? 0,
      pageIgnored: ({ folder, name }, to) => pageIgnored.all(folder, name, to)
    }
  }
}
