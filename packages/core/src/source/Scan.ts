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
const MILLIS_A_PIECE = 25
/** … or so many, while another thread waits for folders. */
const MILLIS_SCARCE = 4
/** Files that are compared with the item table in one question. */
const FILES_A_STRETCH = 512

/** A thread's part of a scan. Each piece is a moment's work. */
export interface Scan {
  /**
   * Walks folders, and those found in them; what it doesn't come to is `left`.
   *
   * @param isScarce there is nothing to do for another thread until this one gives
   */
  readonly walk: (folders: ReadonlyArray<Start>, isScarce: boolean) => Piece
  /** When everything is walked: goes through the rows that no file stood for. `met`: how many rows files stood for, in all threads. */
  readonly missing: (met: number) => Piece
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

  const stack: Array<Start> = []
  let underWay: Generator<void> | undefined
  let rows: Generator<void> | undefined

  /** Goes through a folder; every `yield` is a place to stop. */
  function* entering(start: Start): Generator<void> {
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
      if (at > 0) yield
      judge.files(listing, files.length <= FILES_A_STRETCH ? files : files.slice(at, at + FILES_A_STRETCH))
    }
  }
  /** Goes through the rows that no file stood for. A selection that leaves them out doesn't make them gone. */
  function* missing(met: number): Generator<void> {
    for (const { deep, relative } of starts) {
      const [from, to] = rangeOf(relative === "" ? root : `${root}/${relative}`)
      if (starts.length === 1 && deep && items.count(from, to) === met) {
        judge.piece().known += met
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
  /** Takes steps until one says that there are no more, or the moment is over. */
  const moment = (step: () => boolean, millis: number): boolean => {
    const until = performance.now() + millis
    let ended = false
    items.begin()
    try {
      while (!ended && judge.piece().found.relatives.length < FOUND_A_PIECE && performance.now() < until) ended = step()
    } finally {
      items.end()
    }
    return ended
  }

  return {
    walk: (folders, isScarce) => {
      for (const folder of folders) stack.push(folder)
      const step = () => {
        const next = underWay === undefined ? stack.pop() : undefined
        if (next !== undefined) underWay = entering(next)
        if (underWay?.next().done === true) underWay = undefined
        return underWay === undefined && stack.length === 0
      }
      moment(step, isScarce ? MILLIS_SCARCE : MILLIS_A_PIECE)
      return { ...judge.take(), left: stack.splice(0), ended: underWay === undefined }
    },
    missing: (met) => {
      const steps = (rows ??= missing(met))
      const ended = moment(() => steps.next().done === true, MILLIS_A_PIECE)
      return { ...judge.take(), ended }
    }
  }
}
