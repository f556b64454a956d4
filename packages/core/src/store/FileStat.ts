/** What an lstat says of a file, as the `item` table keeps it. */
export interface FileStat {
  readonly dev: bigint
  readonly ino: bigint
  /** Bytes */
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** The system's unsigned 64 bits as SQLite's signed ones. */
export const signed = (value: bigint): bigint => BigInt.asIntN(64, value)
