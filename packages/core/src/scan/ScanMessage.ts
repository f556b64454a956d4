import type { IgnoredReason } from "./IgnoredReason.js"
import type { Against } from "./ItemLookUp.js"
import type { Globs } from "./Selection.js"
import type { Start } from "./Walk.js"

/** What a scan is to look at. Paths are BytePaths. */
export interface ScanOrder {
  /** Absolute. */
  readonly folder: string
  /** Absent: whatever is asked for by name is taken. */
  readonly globs: Globs | undefined
  /** Absolute paths of folders that are never entered: the state folder. */
  readonly without: ReadonlyArray<string>
  /** Folders to look into, below `folder`; absent: everything. */
  readonly within?: ReadonlyArray<Start> | undefined
  /** Absent: every file is new. */
  readonly against?: Against | undefined
  /** Every file that is ignored is named. */
  readonly listsIgnored?: boolean | undefined
}

/** What to do; every order is answered by one {@link ScanOutcome}. */
export type Order =
  | { readonly _tag: "Open"; readonly scan: number; readonly order: ScanOrder }
  /** Walks folders for a moment, or goes on with the one under way. */
  | { readonly _tag: "Walk"; readonly scan: number; readonly folders: ReadonlyArray<Start>; readonly isScarce: boolean }
  /** When everything is walked: goes through rows that no file stood for, for a moment. */
  | { readonly _tag: "Missing"; readonly scan: number; readonly met: Met }
  | { readonly _tag: "Close"; readonly scan: number }
  /** Looks at single paths, as if a scan had come by. */
  | { readonly _tag: "Look"; readonly order: ScanOrder; readonly relatives: ReadonlyArray<string> }
  /** One lstat each. */
  | { readonly _tag: "Stamps"; readonly paths: ReadonlyArray<string> }

/** Rows that files stood for. */
export interface Met {
  readonly items: number
  /** Of files that were looked into, and ignored. */
  readonly ignored: number
}

export type ScannedKind = "new" | "changed" | "unfinished"
export const KINDS: ReadonlyArray<ScannedKind> = ["new", "changed", "unfinished"]

/** Files with work, in columns: a message of many small objects costs several times as much. */
export interface FoundColumns {
  /** Relative RawPaths. */
  readonly relatives: Array<string>
  /** dev, ino, size, mtimeNs, ctimeNs of each. */
  readonly stamps: Array<bigint>
  /** Index into {@link KINDS}. */
  readonly kinds: Array<number>
  /** Row of the item at this path; 0 for none. */
  readonly items: Array<number>
  /** Whether it is new and only its first bytes told that it is media. */
  readonly byContent: Array<boolean>
}

/** Files that were looked into, and ignored, in columns. */
export interface LookedColumns {
  /** BytePaths of the folders, with a slash at their end. */
  readonly folders: Array<string>
  /** BytePaths of one segment. */
  readonly names: Array<string>
  /** dev, ino, size, mtimeNs, ctimeNs of each. */
  readonly stamps: Array<bigint>
  readonly reasons: Array<IgnoredReason>
}

/** Files that nothing excludes and that are no media. */
export interface IgnoredPiece {
  /** Files by reason. */
  readonly counts: Partial<Record<IgnoredReason, number>>
  /** Each by relative RawPath, where the order asks for it. */
  readonly listed: Array<readonly [relative: string, reason: IgnoredReason]>
  /** To be remembered. */
  readonly looked: LookedColumns
  /** To be forgotten, because the files are gone: BytePaths of the folder and of the name. */
  readonly gone: Array<readonly [folder: string, name: string]>
  /** Rows that files stood for. */
  met: number
}

export type RefusalCode =
  "SpecialFile" | "FolderNamedLikeFile" | "LinkBroken" | "GlobTooSlow" | "FileUnreadable" | "FolderUnreadable"

export interface RefusedEntry {
  /** A relative RawPath. */
  readonly relative: string
  readonly code: RefusalCode
  readonly detail: string
}

/** What one moment of a scan brought. */
export interface Piece {
  readonly found: FoundColumns
  readonly refused: Array<RefusedEntry>
  readonly ignored: IgnoredPiece
  /** Items whose files are gone, by row and by relative RawPath. */
  readonly gone: Array<readonly [item: number, relative: string]>
  /** Folders that were seen and not entered. */
  readonly left: ReadonlyArray<Start>
  /** Files as they were, and done. */
  unchanged: number
  /** Rows that files stood for. */
  met: number
  /** Links that lead somewhere; they are not followed. */
  links: number
  folders: number
  /** Rows of the folder that are selected: there when the scan has ended. */
  known: number
  /** No folder is under way; no row is left. */
  ended: boolean
}

export interface RootStat {
  readonly dev: bigint
  readonly ino: bigint
}

export interface ScanFault {
  readonly code: "FolderMissing" | "FolderUnreadable" | "ScanFailed"
  readonly detail: string
}

export type ScanOutcome =
  | { readonly _tag: "Opened"; readonly root: RootStat }
  | { readonly _tag: "Piece"; readonly piece: Piece }
  | { readonly _tag: "Closed" }
  /** `folders` are those of the paths that a scan would enter. */
  | { readonly _tag: "Looked"; readonly piece: Piece; readonly folders: ReadonlyArray<string> }
  /** dev, ino, size, mtimeNs, ctimeNs of each; all zero where no regular file is. */
  | { readonly _tag: "Stamped"; readonly stamps: BigInt64Array }
  | { readonly _tag: "Failed"; readonly fault: ScanFault }

export interface ScanData {
  /** The database to compare with; absent: none. */
  readonly file: string | undefined
  /** `Items.LOOK_UP`. */
  readonly lookUp: string
}
