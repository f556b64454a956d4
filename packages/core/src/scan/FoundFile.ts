import type { FileStat } from "../store/FileStat.js"

/**
 * Why a file is work: nobody knew its path; its stamp is another than the one remembered;
 * or it is as it was, but isn't done under the present plan.
 */
export type FoundStatus = "new" | "changed" | "unfinished"

/** A regular file below a source folder that has work to do, as one lstat saw it. */
export interface FoundFile extends FileStat {
  /** Absolute; a RawPath. */
  readonly path: string
  /** Below the source folder, with `/` between the segments; a RawPath. */
  readonly relativePath: string
  readonly status: FoundStatus
  /** The row of the item that has this path, when there is one. */
  readonly item: number | undefined
  /** It is new, its name doesn't tell that it is media, and its first bytes do. */
  readonly byContent?: boolean
}

/** Whether two looks at a path saw the same bytes, as far as a file system tells. */
export const same = (a: FileStat, b: FileStat): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev
