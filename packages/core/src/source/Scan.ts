import { type BigIntStats, lstatSync, statSync } from "node:fs"
import { type BytePath, forNode, toBytes, toRaw } from "./BytePath.js"
import type { ItemLookUp } from "./ItemLookUp.js"
import { KINDS, type Piece, type RefusalCode, type ScanOrder } from "./ScanMessage.js"
import { compile, selects, type Selection } from "./Selection.js"
import { type Entry, vanished, walk } from "./Walk.js"

/** A piece ends when so many files have been found … */
const FOUND_A_PIECE = 1_000
/** … or so many milliseconds have passed, so that it can be stopped, and its read transaction is short. */
const MILLIS_A_PIECE = 50
/** Between two looks at the clock. */
const ENTRIES_A_LOOK = 64

const emptyPiece = (): Piece => ({
  found: { relatives: [], stamps: [], kinds: [], items: [] },
  refused: [],
  gone: [],
  unchanged: 0,
  links: 0,
  folders: 0,
  known: 0,
  ended: false
})

/** A set of row numbers, one bit each. */
const makeMarks = () => {
  let bits = new Uint8Array(4096)
  return {
    add: (row: number): void => {
      if (row >> 3 >= bits.length) {
        const larger = new Uint8Array(Math.max(bits.length * 2, (row >> 3) + 1))
        larger.set(bits)
        bits = larger
      }
      bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7))
    },
    has: (row: number): boolean => ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0
  }
}

const lstat = (path: BytePath): BigIntStats => lstatSync(forNode(path), { bigint: true })

const message = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const special = (stats: BigIntStats): string =>
  stats.isFIFO()
    ? "a named pipe"
    : stats.isSocket()
      ? "a socket"
      : stats.isCharacterDevice() || stats.isBlockDevice()
        ? "a device"
        : "no regular file"

/** Judges entries one by one and gathers what is to be said of them. */
export const makeJudge = (selection: Selection, items: ItemLookUp) => {
  const seen = makeMarks()
  let piece = emptyPiece()
  let seenCount = 0

  const mark = (item: number) => {
    if (item === 0 || seen.has(item)) return
    seen.add(item)
    seenCount++
  }
  const refuse = (entry: Entry, code: RefusalCode, detail: string, stats?: BigIntStats) => {
    piece.refused.push({ relative: toRaw(entry.relative), code, detail })
    if (stats === undefined) return
    items.verdict(entry.path, stats)
    mark(items.item())
  }
  const file = (entry: Entry, relative: string) => {
    const stats = lstat(entry.path)
    if (!stats.isFile()) return refuse(entry, "SpecialFile", `it is ${special(stats)}`, stats)
    const verdict = items.verdict(entry.path, stats)
    const item = items.item()
    mark(item)
    if (verdict === undefined) return void piece.unchanged++
    if (verdict === "new" && items.isOutput(entry.path)) return
    const { items: rows, kinds, relatives, stamps } = piece.found
    relatives.push(relative)
    stamps.push(stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs)
    kinds.push(KINDS.indexOf(verdict))
    rows.push(item)
  }
  const link = (entry: Entry) => {
    try {
      statSync(forNode(entry.path))
      piece.links++
    } catch (cause) {
      refuse(entry, "LinkBroken", message(cause), lstat(entry.path))
    }
  }
  const judge = (entry: Entry): void => {
    if (entry.kind === "folder") piece.folders++
    const relative = toRaw(entry.relative)
    try {
      if (entry.kind === "unreadable") refuse(entry, "FolderUnreadable", message(entry.cause))
      else if (!selection.takes(relative)) return
      else if (entry.kind === "file") file(entry, relative)
      else if (entry.kind === "link") link(entry)
      else if (entry.kind === "special") refuse(entry, "SpecialFile", `it is ${special(lstat(entry.path))}`, lstat(entry.path))
      else if (selection.mistakes(relative)) refuse(entry, "FolderNamedLikeFile", "it is a folder", lstat(entry.path))
    } catch (cause) {
      if (!vanished(cause)) refuse(entry, "FileUnreadable", message(cause))
    }
  }
  return {
    judge,
    /** How many rows were met. */
    met: () => seenCount,
    hasMet: (item: number) => seen.has(item),
    found: () => piece.found.relatives.length,
    piece: () => piece,
    take: (): Piece => {
      const taken = piece
      piece = emptyPiece()
      return taken
    }
  }
}

/** Whether nothing that could be this row's file is there. An unreadable folder says nothing about what is in it. */
const isGone = (path: Buffer): boolean => {
  try {
    const stats = lstatSync(path)
    return stats.isDirectory() || stats.isSymbolicLink()
  } catch (cause) {
    return vanished(cause)
  }
}

export interface Scan {
  /** Goes on for a moment. The last piece has `ended`. */
  readonly next: () => Piece
  readonly close: () => void
}

/** A folder's part of the item table, as a range of paths: everything that starts with "folder/". */
const rangeOf = (folder: BytePath): readonly [from: Buffer, to: Buffer] => [toBytes(`${folder}/`), toBytes(`${folder}0`)]

/** Begins a scan; it throws what Node throws for a root that can't be looked into. */
export const make = (order: ScanOrder, items: ItemLookUp): Scan => {
  const selection = compile(order.globs)
  const root = order.folder
  const judge = makeJudge(selection, items)
  const starts = order.within ?? [{ relative: "", deep: true }]
  const enters = (relative: BytePath) => !order.without.includes(`${root}/${relative}`) && !selection.prunes(toRaw(relative))
  const entries = walk(root, starts, enters)
  const ranges = starts.map(({ deep, relative }) => ({ deep, range: rangeOf(relative === "" ? root : `${root}/${relative}`) }))
  const rootLength = toBytes(root).length + 1

  /** Rows in the folder that no entry stood for. A selection that leaves them out doesn't make them gone. */
  function* missing(): Generator<void> {
    for (const { deep, range } of ranges) {
      const [from, to] = range
      if (starts.length === 1 && deep && items.count(from, to) === judge.met()) {
        judge.piece().known += judge.met()
        continue
      }
      let after = from
      for (let page = items.page(after, to); page.length > 0; page = items.page(after, to)) {
        for (const { id, path } of page) {
          after = path
          if (!deep && path.includes(0x2f, from.length)) continue
          if (!selects(selection, toRaw(path.subarray(rootLength).toString("latin1")))) continue
          judge.piece().known++
          if (!judge.hasMet(id) && isGone(path)) judge.piece().gone.push(id)
        }
        yield
      }
    }
  }
  const rows = missing()

  let walked = false
  const step = (): boolean => {
    if (walked) return rows.next().done === true
    const entry = entries.next()
    if (entry.done === true) walked = true
    else judge.judge(entry.value)
    return false
  }
  return {
    next: () => {
      const until = performance.now() + MILLIS_A_PIECE
      items.begin()
      try {
        for (let steps = 1; ; steps++) {
          if (step()) {
            judge.piece().ended = true
            break
          }
          if (judge.found() >= FOUND_A_PIECE) break
          if ((walked || steps % ENTRIES_A_LOOK === 0) && performance.now() > until) break
        }
      } finally {
        items.end()
      }
      return judge.take()
    },
    close: () => void entries.return()
  }
}
