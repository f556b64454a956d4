import { lstatSync } from "node:fs"
import { type BytePath, forNode, isPlain, toRaw } from "./BytePath.js"
import type { ItemLookUp } from "./ItemLookUp.js"
import * as Judge from "./Judge.js"
import type { Piece, ScanOrder } from "./ScanMessage.js"
import { compile, type Selection, selects } from "./Selection.js"
import { realPath, vanished } from "./Walk.js"

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

/** A folder leads to what is selected whatever its name, unless it is excluded. */
const leads = (selection: Selection, path: string): boolean =>
  selects({ ...selection, takes: (path) => !selection.prunes(path) }, path)

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
  const judge = Judge.make(selection, items)
  const stays = makeStays(order.folder)
  const folders: Array<BytePath> = []

  const lookAt = (relative: BytePath): void => {
    const path = `${order.folder}/${relative}`
    const slash = relative.lastIndexOf("/") + 1
    const prefix = relative.slice(0, slash)
    const name = relative.slice(slash)
    if (order.without.some((folder) => path === folder || path.startsWith(`${folder}/`)) || !stays(prefix)) return
    const stats = lstatSync(forNode(path))
    const raw = toRaw(relative)
    const parent = { path: `${order.folder}/${prefix}`.slice(0, -1), prefix, plain: isPlain(path) }
    if (stats.isDirectory()) {
      if (!leads(selection, raw)) return
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
