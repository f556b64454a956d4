import { type BigIntStats, lstatSync, statSync } from "node:fs"
import { type BytePath, forNode, isPlain, toRaw } from "./BytePath.js"
import type { FileStat } from "../store/FileStat.js"
import type { ItemLookUp } from "./ItemLookUp.js"
import { KINDS, type Piece, type RefusalCode } from "./ScanMessage.js"
import type { Selection } from "./Selection.js"
import * as RangeFingerprint from "./RangeFingerprint.js"
import { type Listing, vanished } from "./Walk.js"

const emptyPiece = (): Piece => ({
  found: { relatives: [], stamps: [], kinds: [], items: [] },
  refused: [],
  gone: [],
  left: [],
  unchanged: 0,
  met: 0,
  links: 0,
  folders: 0,
  known: 0,
  ended: false
})

const lstat = (path: BytePath, plain: boolean): BigIntStats => lstatSync(plain ? path : forNode(path), { bigint: true })

const message = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const special = (stats: BigIntStats): string =>
  stats.isFIFO()
    ? "a named pipe"
    : stats.isSocket()
      ? "a socket"
      : stats.isCharacterDevice() || stats.isBlockDevice()
        ? "a device"
        : "no regular file"

type Folder = Pick<Listing, "path" | "prefix" | "plain">

/** Says what the names in a folder mean, and gathers it. */
export interface EntryClassifier {
  /** Names of one folder in the order of their bytes. */
  readonly files: (folder: Folder, names: ReadonlyArray<BytePath>) => void
  readonly folder: (folder: Folder, name: BytePath) => void
  readonly link: (folder: Folder, name: BytePath) => void
  readonly special: (folder: Folder, name: BytePath) => void
  readonly unreadable: (folder: Folder, cause: unknown) => void
  /** What has been gathered since the last `take`. */
  readonly piece: () => Piece
  readonly take: () => Piece
}

export const make = (selection: Selection, items: ItemLookUp): EntryClassifier => {
  let piece = emptyPiece()

  const meet = (item: number) => {
    if (item !== 0) piece.met++
  }
  const rawOf = ({ plain, prefix }: Folder, name: BytePath): string =>
    plain && isPlain(name) ? prefix + name : toRaw(prefix + name)

  const refuse = (folder: Folder, name: BytePath, code: RefusalCode, detail: string) => {
    piece.refused.push({ relative: rawOf(folder, name), code, detail })
    meet(items.at(`${folder.path}/${name}`))
  }
  /** Whether a name is selected; one for which nobody can say is refused. */
  const takes = (folder: Folder, name: BytePath): boolean => {
    const relative = rawOf(folder, name)
    if (selection.takes(relative)) return true
    const glob = selection.undecided(relative)
    if (glob !== undefined) refuse(folder, name, "GlobTooSlow", `the glob ${glob} comes to no end for its name`)
    return false
  }
  /** Runs a look at one entry that may vanish meanwhile, or not be there to look at. */
  const looking = <A>(folder: Folder, name: BytePath, look: () => A): A | undefined => {
    try {
      return look()
    } catch (cause) {
      if (!vanished(cause)) refuse(folder, name, "FileUnreadable", message(cause))
      return undefined
    }
  }
  const stampOf = (folder: Folder, name: BytePath): FileStat | undefined =>
    looking(folder, name, () => {
      const stats = lstat(`${folder.path}/${name}`, folder.plain && isPlain(name))
      if (stats.isFile()) {
        // Node's own object is twenty times as large.
        const { ctimeNs, dev, ino, mtimeNs, size } = stats
        return { dev, ino, size, mtimeNs, ctimeNs }
      }
      if (!stats.isDirectory() && !stats.isSymbolicLink()) refuse(folder, name, "SpecialFile", `it is ${special(stats)}`)
      return undefined
    })
  const file = (folder: Folder, name: BytePath, stamp: FileStat, unknown: boolean) => {
    const path = `${folder.path}/${name}`
    const verdict = unknown ? "new" : items.verdict(path, stamp)
    const item = unknown ? 0 : items.item()
    meet(item)
    if (verdict === undefined) return void piece.unchanged++
    if (verdict === "new" && items.isOutput(path)) return
    const { items: rows, kinds, relatives, stamps } = piece.found
    relatives.push(rawOf(folder, name))
    stamps.push(stamp.dev, stamp.ino, stamp.size, stamp.mtimeNs, stamp.ctimeNs)
    kinds.push(KINDS.indexOf(verdict))
    rows.push(item)
  }
  return {
    files: (folder, names) => {
      const taken: Array<BytePath> = []
      const stamps: Array<FileStat> = []
      const stretch = RangeFingerprint.make(names.length)
      for (const name of names) {
        if (!takes(folder, name)) continue
        const stamp = stampOf(folder, name)
        if (stamp === undefined) continue
        stretch.add(stamp)
        taken.push(name)
        stamps.push(stamp)
      }
      const [first] = taken
      const last = taken[taken.length - 1]
      if (first === undefined || last === undefined) return
      const from = `${folder.path}/${first}`
      const to = `${folder.path}/${last}`
      if (items.stretch(from, to, taken.length + 1) === stretch.text()) {
        piece.unchanged += taken.length
        piece.met += taken.length
        return
      }
      const unknown = !items.knows(from, to)
      for (let i = 0; i < taken.length; i++) {
        const name = taken[i]
        const stamp = stamps[i]
        if (name !== undefined && stamp !== undefined) file(folder, name, stamp, unknown)
      }
    },
    folder: (folder, name) => {
      piece.folders++
      const relative = rawOf(folder, name)
      if (selection.takes(relative) && selection.mistakes(relative)) refuse(folder, name, "FolderNamedLikeFile", "it is a folder")
    },
    link: (folder, name) => {
      if (!takes(folder, name)) return
      try {
        statSync(forNode(`${folder.path}/${name}`))
        piece.links++
      } catch (cause) {
        refuse(folder, name, "LinkBroken", message(cause))
      }
    },
    special: (folder, name) => {
      if (takes(folder, name)) stampOf(folder, name)
    },
    unreadable: ({ prefix }, cause) => {
      piece.refused.push({ relative: toRaw(prefix.slice(0, -1)), code: "FolderUnreadable", detail: message(cause) })
    },
    piece: () => piece,
    take: () => {
      const taken = piece
      piece = emptyPiece()
      return taken
    }
  }
}
