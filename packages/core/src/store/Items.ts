import { Context, type Effect } from "effect"
import type { StageFailure } from "../stage/Failure.js"
import type { Settled } from "./Database.js"
import type { StoreError } from "./StoreError.js"

/** What an lstat says of a file, as the `item` table keeps it. */
export interface Stamp {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** A file as the `item` table knows it. */
export interface Item {
  readonly id: number
  /** Absolute; a RawPath. */
  readonly path: string
  readonly contentHash: string | undefined
  readonly size: number
}

/** A file that was read, for its row. */
export interface Arrived {
  /** Absolute; a RawPath. */
  readonly path: string
  readonly stamp: Stamp
  readonly contentHash: string | undefined
}

/** How an item ended in a run. */
export type State = "done" | "failed" | "waiting"

/** A node that keeps an item from being done. */
export interface Obstacle {
  readonly node: string
  readonly stage: string
  /** The ledger's key of a failure that is remembered. */
  readonly key: string | undefined
  readonly failure: StageFailure
  readonly attempts: number
}

/** A row of the failure table, for people. */
export interface FailureRow {
  readonly item: number
  readonly path: string
  readonly pipeline: string
  readonly node: string
  readonly stage: string
  readonly code: string
  readonly retry: string
  readonly message: string
  readonly help: string
  readonly attempts: number
  readonly failedAt: number
}

/**
 * The look-up of a rescan, for a thread with its own connection: parameters are dev, ino, size, mtime_ns, ctime_ns (signed 64 bit),
 * pipeline, plan, path (bytes). No row: nobody knows the path.
 */
export const LOOK_UP = `
SELECT item.id AS id,
  (dev = ? AND ino = ? AND size = ? AND mtime_ns = ? AND ctime_ns = ?) AS same,
  EXISTS (SELECT 1 FROM item_state WHERE item = item.id AND pipeline = ? AND plan = ? AND state = 'done') AS done
FROM item WHERE path = ? AND gone_at = 0`

export interface Service {
  /** The item that is at this path now. */
  readonly at: (path: string) => Item | undefined
  /** Items with these bytes, gone ones too. */
  readonly withContent: (contentHash: string) => ReadonlyArray<Item & { readonly gone: boolean }>
  /**
   * An item with this device, inode, size and modification time under another path: the same file renamed, when nothing is
   * at that path any more.
   */
  readonly renamedFrom: (path: string, stamp: Stamp) => Item | undefined
  /**
   * Gives each file its row: the one at its path, the one that `movedFrom` names, or a new one. Other content at a known path
   * turns the old row into history. Committed when it returns.
   */
  readonly arrive: (
    files: ReadonlyArray<Arrived & { readonly movedFrom?: number | undefined }>
  ) => Effect.Effect<ReadonlyArray<number>, StoreError>
  /** Marks rows whose files are no longer there; they stay as history. */
  readonly vanish: (items: ReadonlyArray<number>) => Effect.Effect<void, StoreError>
  /** Posts how an item ended; `settled` is called when that is on disk. */
  readonly end: (
    item: number,
    pipeline: string,
    plan: number,
    state: State,
    obstacles: ReadonlyArray<Obstacle>,
    settled: Settled
  ) => void
  /** Forgets how these items ended, so that the next run looks at them again. */
  readonly reopen: (items: ReadonlyArray<number>, pipeline?: string) => Effect.Effect<void, StoreError>
  /** The failure table, oldest first. */
  readonly failures: (filter: {
    readonly pipeline?: string | undefined
    readonly node?: string | undefined
    readonly stage?: string | undefined
    readonly code?: string | undefined
  }) => Effect.Effect<ReadonlyArray<FailureRow>, StoreError>
}

/** One media file: its row, and how it stands in each pipeline. Synchronous members are short reads. */
export class Items extends Context.Tag("@mediaspool/core/Items")<Items, Service>() {}
