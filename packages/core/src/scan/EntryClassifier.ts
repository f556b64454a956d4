import { type BigIntStats, lstatSync, opendirSync, type Stats, statSync } from "node:fs"
import { type BytePath, forNode, isPlain, toRaw } from "./BytePath.js"
import type { FileStat } from "../store/FileStat.js"
import * as FirstBytes from "./FirstBytes.js"
import type { IgnoredReason } from "./IgnoredReason.js"
import type { ItemLookUp } from "./ItemLookUp.js"
import { KINDS, type Piece, type RefusalCode } from "./ScanMessage.js"
import type { NameVerdict, Selection } from "./Selection.js"
import * as RangeFingerprint from "./RangeFingerprint.js"
import { type Listing, vanished } from "./Walk.js"

const emptyPiece = (): Piece => ({
  found: { relatives: [], stamps: [], kinds: [], items: [], byContent: [] },
  refused: [],
  ignored: { counts: {}, listed: [], looked: { folders: [], names: [], stamps: [], reasons: [] }, gone: [], met: 0 },
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

/** A file that may be taken. */
interface Candidate {
  readonly name: BytePath
  readonly stamp: FileStat
  /** Its name doesn't tell what it is. */
  readonly isUnsure: boolean
}

/** A file that changed less than so long ago may change again without another time: file systems count in ticks. */
const TICK_MILLIS = 100

const isRecent = ({ ctimeNs }: FileStat): boolean => Math.abs(Date.now() - Number(ctimeNs / 1_000_000n)) < TICK_MILLIS

/** What a link leads to; throws what Node throws where that is nothing. */
const target = (path: BytePath): Stats => statSync(forNode(path))

const isBroken = (path: BytePath): boolean => {
  try {
    target(path)
    return false
  } catch {
    return true
  }
}

const isListable = (path: BytePath): boolean => {
  try {
    opendirSync(forNode(path)).closeSync()
    return true
  } catch {
    return false
  }
}

/**
 * Whether a row stands for what a scan refuses though it is no file: a folder with a file's name or one that can't be listed, a link that
 * leads nowhere.
 */
export const isRefused = (selection: Selection, path: BytePath, relative: string, stats: Stats): boolean =>
  stats.isDirectory()
    ? (selection.takes(relative) && selection.mistakes(relative)) || !isListable(path)
    : stats.isSymbolicLink() && selection.takes(relative) && isBroken(path)

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

/** @param listsIgnored every ignored file is named */
export const make = (selection: Selection, items: ItemLookUp, listsIgnored: boolean): EntryClassifier => {
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
  /** What a name says; one for which nobody can say is refused. */
  const judge = (folder: Folder, name: BytePath): NameVerdict => {
    const relative = rawOf(folder, name)
    const verdict = selection.judge(relative)
    if (verdict === "undecided")
      refuse(folder, name, "GlobTooSlow", `the glob ${selection.undecided(relative)} comes to no end for its name`)
    return verdict
  }
  const takes = (folder: Folder, name: BytePath): boolean => judge(folder, name) === "taken"
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
  const ignore = (folder: Folder, name: BytePath, reason: IgnoredReason) => {
    const { counts, listed } = piece.ignored
    counts[reason] = (counts[reason] ?? 0) + 1
    if (listsIgnored) listed.push([rawOf(folder, name), reason])
  }
  /** Whether the first bytes of a file are those of media; if not, it is ignored. */
  const isMedia = (folder: Folder, name: BytePath, stamp: FileStat): boolean => {
    const meaning = stamp.size === 0n ? "empty" : FirstBytes.look(`${folder.path}/${name}`)
    if (meaning === "media") return true
    if (meaning === undefined) return false
    ignore(folder, name, meaning)
    // What can't be opened may be allowed at any time, and an empty file needs no look.
    if (meaning !== "unreadable" && meaning !== "empty" && !isRecent(stamp)) {
      const { folders, names, reasons, stamps } = piece.ignored.looked
      folders.push(`${folder.path}/`)
      names.push(name)
      stamps.push(stamp.dev, stamp.ino, stamp.size, stamp.mtimeNs, stamp.ctimeNs)
      reasons.push(meaning)
    }
    return false
  }
  const file = (folder: Folder, { isUnsure, name, stamp }: Candidate, unknown: boolean) => {
    const path = `${folder.path}/${name}`
    const verdict = unknown ? "new" : items.verdict(path, stamp)
    const item = unknown ? 0 : items.item()
    meet(item)
    if (verdict === undefined) return void piece.unchanged++
    const isNew = verdict === "new"
    if (isNew && (items.isOutput(path) || (isUnsure && !isMedia(folder, name, stamp)))) return
    const { byContent, items: rows, kinds, relatives, stamps } = piece.found
    relatives.push(rawOf(folder, name))
    stamps.push(stamp.dev, stamp.ino, stamp.size, stamp.mtimeNs, stamp.ctimeNs)
    kinds.push(KINDS.indexOf(verdict))
    rows.push(item)
    byContent.push(isNew && isUnsure)
  }
  /** Those that are not known to be no media; the others are counted. */
  const withoutIgnored = (folder: Folder, candidates: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> => {
    const unsure = candidates.filter(({ isUnsure }) => isUnsure)
    const [first] = unsure
    const last = unsure[unsure.length - 1]
    if (first === undefined || last === undefined) return candidates
    const known = items.ignored(`${folder.path}/`, first.name, last.name)
    if (known.size === 0) return candidates
    const stamps = RangeFingerprint.make(unsure.length)
    for (const { stamp } of unsure) stamps.add(stamp)
    const texts = RangeFingerprint.parts(stamps.text())
    const left = new Set<Candidate>()
    unsure.forEach((candidate, i) => {
      const row = known.get(candidate.name)
      if (row === undefined || row.fingerprint !== texts(i)) return
      ignore(folder, candidate.name, row.reason)
      piece.ignored.met++
      left.add(candidate)
    })
    return left.size === 0 ? candidates : candidates.filter((candidate) => !left.has(candidate))
  }
  return {
    files: (folder, names) => {
      const candidates: Array<Candidate> = []
      for (const name of names) {
        const verdict = judge(folder, name)
        if (verdict === "excluded" || verdict === "undecided") continue
        if (verdict !== "taken" && verdict !== "unsure") {
          ignore(folder, name, verdict)
          continue
        }
        const stamp = stampOf(folder, name)
        if (stamp !== undefined) candidates.push({ name, stamp, isUnsure: verdict === "unsure" })
      }
      const taken = withoutIgnored(folder, candidates)
      const [first] = taken
      const last = taken[taken.length - 1]
      if (first === undefined || last === undefined) return
      const stretch = RangeFingerprint.make(taken.length)
      for (const { stamp } of taken) stretch.add(stamp)
      const from = `${folder.path}/${first.name}`
      const to = `${folder.path}/${last.name}`
      if (items.stretch(from, to, taken.length + 1) === stretch.text()) {
        piece.unchanged += taken.length
        piece.met += taken.length
        return
      }
      const unknown = !items.knows(from, to)
      for (const candidate of taken) file(folder, candidate, unknown)
    },
    folder: (folder, name) => {
      piece.folders++
      const relative = rawOf(folder, name)
      if (selection.takes(relative) && selection.mistakes(relative)) refuse(folder, name, "FolderNamedLikeFile", "it is a folder")
    },
    link: (folder, name) => {
      const verdict = judge(folder, name)
      try {
        const isFolder = target(`${folder.path}/${name}`).isDirectory()
        const isLeftOut = isFolder ? selection.prunes(rawOf(folder, name)) : verdict !== "taken" && verdict !== "unsure"
        if (isLeftOut) return
        piece.links++
        ignore(folder, name, "link")
      } catch (cause) {
        if (verdict === "taken") refuse(folder, name, "LinkBroken", message(cause))
      }
    },
    special: (folder, name) => {
      if (takes(folder, name)) stampOf(folder, name)
    },
    unreadable: ({ path, prefix }, cause) => {
      meet(items.at(path))
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
