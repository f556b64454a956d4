import type { HashFault } from "./HashFault.js"

/** Small files to hash, in columns: a message of many small objects costs several times as much. */
export interface HashBatch {
  /** Absolute RawPaths. */
  readonly paths: ReadonlyArray<string>
  /** dev, ino, size, mtimeNs, ctimeNs of each. */
  readonly stamps: ReadonlyArray<bigint>
}

/** Sha-256 in lower-case hex, or why there is none; in the order of the files. */
export type HashOutcomes = ReadonlyArray<string | HashFault>
