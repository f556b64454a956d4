import { lstatSync } from "node:fs"
import { type BytePath, toBytes, toRaw } from "./BytePath.js"
import type { ItemLookUp } from "./ItemLookUp.js"
import * as Judge from "./Judge.js"
import type { Piece, ScanOrder } from "./ScanMessage.js"
import { compile, selects } from "./Selection.js"
import { list, realPath, type Start, vanished } from "./Walk.js"

/** A piece ends when so many files have been found … */
const FOUND_A_PIECE = 1_000
/** … or so many milliseconds have passed, so that it can be stopped, and its read transaction is short. */
const MILLIS_A_PIECE = 50
/** Files that are compared with the item table in one question. */
const FILES_A_STRETCH = 512

/** A scan under way. */
export interface Scan {
  /** Goes on for a moment. The last piece has `ended`. */
  readonly next: () => Piece
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

/** A folder's part of the item table, as a range of paths: everything that starts with "folder/". */
const rangeOf = (folder: BytePath): readonly [from: Buffer, to: Buffer] => [toBytes(`${folder}/`), toBytes(`${folder}0`)]

/** Begins a scan; it throws what Node throws for a root that isn't there. */
export const make = (order: ScanOrder, items: ItemLookUp): Scan => {
  const selection = compile(order.globs)
  const root = order.folder
  const realRoot = realPath(root)
  const judge = Judge.make(selection, items)
  const starts: ReadonlyArray<Start> = order.within ?? [{ relative: "", deep: true }]
  const enters = (relative: BytePath) => !order.without.includes(`${root}/${relative}`) && !selection.prunes(toRaw(relative))

  /** Walks the folders; every `yield` is a place to stop. */
  function* walking(): Generator<void> {
    const stack = [...starts]
    for (let start = stack.pop(); start !== undefined; start = stack.pop()) {
      const listing = list(root, realRoot, start)
      if (listing.unreadable !== undefined) judge.unreadable(listing, listing.unreadable)
      for (const name of listing.links) judge.link(listing, name)
      for (const name of listing.specials) judge.special(listing, name)
      for (const name of listing.folders) {
        judge.folder(listing, name)
        if (start.deep && enters(listing.prefix + name)) stack.push({ relative: listing.prefix + name, deep: true })
      }
      const files = listing.files.sort()
      for (let at = 0; at < files.length; at += FILES_A_STRETCH) {
        judge.files(listing, files.length <= FILES_A_STRETCH ? files : files.slice(at, at + FILES_A_STRETCH))
        yield
      }
    }
  }
  /** Goes through the rows that no file stood for. A selection that leaves them out doesn't make them gone. */
  function* missing(): Generator<void> {
    for (const { deep, relative } of starts) {
      const [from, to] = rangeOf(relative === "" ? root : `${root}/${relative}`)
      if (starts.length === 1 && deep && items.count(from, to) === judge.met()) {
        judge.piece().known += judge.met()
        continue
      }
      let after = from
      for (let page = items.page(after, to); page.length > 0; page = items.page(after, to)) {
        for (const { id, path } of page) {
          after = path
          if (!deep && path.includes(0x2f, from.length)) continue
          const relative = toRaw(path.subarray(toBytes(root).length + 1).toString("latin1"))
          if (!selects(selection, relative)) continue
          judge.piece().known++
          if (isGone(path)) judge.piece().gone.push([id, relative])
        }
        yield
      }
    }
  }
  function* everything(): Generator<void> {
    yield* walking()
    yield* missing()
  }
  const steps = everything()

  return {
    next: () => {
      const until = performance.now() + MILLIS_A_PIECE
      items.begin()
      try {
        while (judge.piece().found.relatives.length < FOUND_A_PIECE && performance.now() < until)
          if (steps.next().done === true) {
            judge.piece().ended = true
            break
          }
      } finally {
        items.end()
      }
      return judge.take()
    }
  }
}
