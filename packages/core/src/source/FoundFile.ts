/** What one lstat of a regular file says: two that are equal some time apart mean that nobody writes. */
export interface FileStamp {
  readonly dev: bigint
  readonly ino: bigint
  /** Bytes. */
  readonly size: bigint
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint
  /** Nanoseconds since 1970; no program sets it at will. */
  readonly ctimeNs: bigint
}

/**
 * Why a file is work: nobody knew its path; its stamp is another than the one remembered;
 * or it is as it was, but did not end for good under the present plan.
 */
export type FoundStatus = "new" | "changed" | "unfinished"

/** A regular file below a source folder that has work to do. */
export interface FoundFile extends FileStamp {
  /** Absolute; a RawPath. */
  readonly path: string
  /** Below the source folder, with `/` between the segments; a RawPath. */
  readonly relativePath: string
  readonly status: FoundStatus
  /** The row of the item that has this path, when there is one. */
  readonly item: number | undefined
}

/** Whether two looks at a path saw the same bytes, as far as a file system tells. */
export const same = (a: FileStamp, b: FileStamp): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev
