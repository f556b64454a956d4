import { lstatSync, type BigIntStats } from "node:fs"
import { type BytePath, forNode, toRaw } from "./BytePath.js"
import type { ItemLookUp } from "./ItemLookUp.js"
import { makeJudge } from "./Scan.js"
import type { Piece, ScanOrder } from "./ScanMessage.js"
import { compile, selects } from "./Selection.js"
import { type EntryKind, realPath, vanished } from "./Walk.js"

const kindOf = (stats: BigIntStats): EntryKind =>
  stats.isFile() ? "file" : stats.isDirectory() ? "folder" : stats.isSymbolicLink() ? "link" : "special"

/** Whether no link leads out of the root on the way to a path; asked once a folder. */
const makeStays = (root: BytePath) => {
  const folders = new Map<BytePath, boolean>()
  const ask = (folder: BytePath): boolean => {
    try {
      return (
        realPath(`${root}/${folder}`).replace(/\/$/, "") === `${realPath(root).replace(/\/$/, "")}/${folder}`.replace(/\/$/, "")
      )
    } catch {
      return false
    }
  }
  return (relative: BytePath): boolean => {
    const folder = relative.slice(0, Math.max(0, relative.lastIndexOf("/")))
    const known = folders.get(folder)
    if (known !== undefined) return known
    const stays = ask(folder)
    folders.set(folder, stays)
    return stays
  }
}

/**
 * What a scan would say of these paths alone. A path where nothing is any more is `gone` when an item had it.
 *
 * @param relatives BytePaths below the order's folder
 * @returns the piece, and which of the paths are folders that a scan would enter
 */
export const look = (
  order: ScanOrder,
  relatives: ReadonlyArray<BytePath>,
  items: ItemLookUp
): { readonly piece: Piece; readonly folders: ReadonlyArray<BytePath> } => {
  const selection = compile(order.globs)
  const judge = makeJudge(selection, items)
  const stays = makeStays(order.folder)
  const folders: Array<BytePath> = []
  items.begin()
  try {
    for (const relative of relatives) {
      const path = `${order.folder}/${relative}`
      const below = (folder: BytePath) => path === folder || path.startsWith(`${folder}/`)
      if (order.without.some(below)) continue
      try {
        const stats = lstatSync(forNode(path), { bigint: true })
        const kind = kindOf(stats)
        // Outside of what is selected an entry can still be a folder that leads to what is.
        if (
          !stays(relative) ||
          !selects(kind === "folder" ? { ...selection, takes: (name) => !selection.prunes(name) } : selection, toRaw(relative))
        )
          continue
        if (kind === "folder") folders.push(relative)
        judge.judge({ kind, path, relative })
      } catch (cause) {
        if (!vanished(cause)) continue
        const gone = items.at(path)
        if (gone !== 0) judge.piece().gone.push(gone)
      }
    }
  } finally {
    items.end()
  }
  return { piece: { ...judge.take(), ended: true }, folders }
}
