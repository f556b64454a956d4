import { lstatSync, type Stats } from "node:fs"
import { type BytePath, forNode, isPlain, toBytes, toRaw } from "./BytePath.js"
import type { IgnoredPath, ItemLookUp } from "./ItemLookUp.js"
import * as EntryClassifier from "./EntryClassifier.js"
import * as OwnFolder from "./OwnFolder.js"
import type { Met, Piece, ScanOrder } from "./ScanMessage.js"
import { compile, reaches, selects } from "./Selection.js"
import { list, type Listing, realPath, type Start, vanished } from "./Walk.js"
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
  readonly missing: (met: Met) => Piece
}

/**
 * Whether nothing that could be this row's file is there. An unreadable folder says nothing about what is in it.
 *
 * @param isRefused what the scan says of something that is no file, and has a row
 */
const isGone = (path: Buffer, isRefused: (stats: Stats) => boolean): boolean => {
  try {
    const stats = lstatSync(path)
    return (stats.isDirectory() || stats.isSymbolicLink()) && !isRefused(stats)
  } catch (cause) {
    return vanished(cause)
  }
}

const isFolder = (path: Buffer): boolean => {
  try {
    return lstatSync(path).isDirectory()
  } catch {
    return false
  }
}

/** A folder's part of the item table, as a range of paths: everything that starts with "folder/". */
const rangeOf = (folder: BytePath): readonly [from: Buffer, to: Buffer] => [toBytes(`${folder}/`), toBytes(`${folder}0`)]

/** Begins a scan; it throws what Node throws for a root that isn't there. */
export const make = (order: ScanOrder, items: ItemLookUp): Scan => {
  const selection = compile(order.globs)
  const root = order.folder
  const realRoot = realPath(root)
  const judge = EntryClassifier.make(selection, items, order.listsIgnored === true)
  const starts: ReadonlyArray<Start> = order.within ?? [{ relative: "", deep: true }]
  const enters = ({ path, prefix }: Listing, name: BytePath) =>
    !order.without.includes(`${path}/${name}`) && !OwnFolder.isOwn(path, name) && !selection.prunes(toRaw(prefix + name))

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
      if (start.deep && enters(listing, name)) stack.push({ relative: listing.prefix + name, deep: true })
    }
    const files = listing.files.sort()
    for (let at = 0; at < files.length; at += FILES_A_STRETCH) {
      if (at > 0) yield
      judge.files(listing, files.length <= FILES_A_STRETCH ? files : files.slice(at, at + FILES_A_STRETCH))
    }
  }
  /** Goes through the rows of ignored files that no file stood for; only after a walk of everything. */
  function* missingIgnored(met: number): Generator<void> {
    const [first, to] = rangeOf(root)
    if (order.within !== undefined || items.countIgnored(first, to) === met) return
    let after: IgnoredPath = { folder: first, name: Buffer.alloc(0) }
    for (let page = items.pageIgnored(after, to); page.length > 0; page = items.pageIgnored(after, to)) {
      for (const path of page) {
        after = path
        const [folder, name] = [path.folder.toString("latin1"), path.name.toString("latin1")]
        if (selects(selection, toRaw((folder + name).slice(first.length))) && isGone(toBytes(folder + name), () => false))
          judge.piece().ignored.gone.push([folder, name])
      }
      yield
    }
  }
  /** Goes through the rows that no file stood for. A selection that leaves them out doesn't make them gone. */
  function* missing({ ignored, items: met }: Met): Generator<void> {
    yield* missingIgnored(ignored)
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
          // A folder that could not be listed has a row though no glob asks for it.
          if (!selects(selection, relative) && !isFolder(path)) continue
          judge.piece().known++
          const isRefused = (stats: Stats) => EntryClassifier.isRefused(selection, path.toString("latin1"), relative, stats)
          if (isGone(path, isRefused)) judge.piece().gone.push([id, relative])
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

/** Whether no link leads out of the root on the way to a folder; asked once each. */
const makeStays = (root: BytePath): ((prefix: BytePath) => boolean) => {
  const realRoot = realPath(root)
  const folders = new Map<BytePath, boolean>()
  const ask = (prefix: BytePath): boolean => {
    try {
      return prefix === "" || realPath(`${root}/${prefix}`) === `${realRoot}/${prefix.slice(0, -1)}`
    } catch (cause) {
      // With its folder the path is gone too, and the look will say so.
      return vanished(cause)
    }
  }
  return (prefix) => {
    const stays = folders.get(prefix) ?? ask(prefix)
    folders.set(prefix, stays)
    return stays
  }
}

/**
 * What a scan would say of these paths alone. A path where nothing is any more is `gone` when an item had it.
 *
 * @param relatives BytePaths below the order's folder
 * @returns the piece, and which of the paths are folders, or were, whose files are worth a scan
 */
export const look = (
  order: ScanOrder,
  relatives: ReadonlyArray<BytePath>,
  items: ItemLookUp
): { readonly piece: Piece; readonly folders: ReadonlyArray<BytePath> } => {
  const selection = compile(order.globs)
  const judge = EntryClassifier.make(selection, items, order.listsIgnored === true)
  const stays = makeStays(order.folder)
  const folders: Array<BytePath> = []

  const lookAt = (relative: BytePath): void => {
    const path = `${order.folder}/${relative}`
    const slash = relative.lastIndexOf("/") + 1
    const prefix = relative.slice(0, slash)
    const name = relative.slice(slash)
    if (order.without.some((folder) => path === folder || path.startsWith(`${folder}/`)) || !stays(prefix)) return
    if (OwnFolder.holds(order.folder, relative)) return
    const stats = lstatSync(forNode(path))
    const raw = toRaw(relative)
    const parent = { path: `${order.folder}/${prefix}`.slice(0, -1), prefix, plain: isPlain(path) }
    if (stats.isDirectory()) {
      if (!reaches(selection, raw)) return
      folders.push(relative)
      judge.folder(parent, name)
    } else if (selects(selection, raw)) {
      if (stats.isSymbolicLink()) judge.link(parent, name)
      else if (stats.isFile()) judge.files(parent, [name])
      else judge.special(parent, name)
    }
  }
  items.begin()
  try {
    for (const relative of relatives)
      try {
        lookAt(relative)
      } catch (cause) {
        if (!vanished(cause)) continue
        const path = `${order.folder}/${relative}`
        const gone = items.at(path)
        if (gone !== 0) judge.piece().gone.push([gone, toRaw(relative)])
        // It was a folder.
        else if (items.knows(`${path}/`, `${path}0`)) folders.push(relative)
      }
  } finally {
    items.end()
  }
  return { piece: { ...judge.take(), ended: true }, folders }
}
