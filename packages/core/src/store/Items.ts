import { Context, Effect, Layer } from "effect"
import type { StageFailure } from "../stage/Failure.js"
import type { Row, Value } from "../stage/Library.js"
import * as RawPath from "../stage/RawPath.js"
import { arrival, type Arrived, type ArrivedRow } from "./Arrived.js"
import { Database } from "./Database.js"
import type { Settled } from "./WriterClient.js"
import { signed, type FileStat } from "./FileStat.js"
import type { StoreError } from "./StoreError.js"

/** A file as the `item` table knows it. */
export interface Item {
  readonly id: number
  /** Absolute; a RawPath. */
  readonly path: string
  /** `undefined` while nobody could read it. */
  readonly contentHash: string | undefined
  /** Bytes */
  readonly size: number
  /** When it was found missing, or replaced by other content; milliseconds since 1970. */
  readonly goneAt: number | undefined
}

/** An item with a file's inode, size and time of its last change. */
export interface Alike extends Item {
  /** Its ctime is another: the system noted a new name, or a change whose times were put back. A new name of a folder above leaves it. */
  readonly isTouched: boolean
}

/** How an item ended in a run. */
export type State = "done" | "failed" | "waiting"

/** A node that keeps an item from being done. */
export interface Obstacle {
  readonly node: string
  readonly stage: string
  /** The ledger's key of a failure that is remembered. */
  readonly key: string | undefined
  readonly failure: Pick<StageFailure, "code" | "retry" | "message" | "help">
  readonly attempts: number
}

/** A row of the failure table, for people. */
export interface FailureRow {
  readonly item: number
  readonly path: string
  readonly pipeline: string
  readonly node: string
  readonly stage: string
  readonly key: string | undefined
  readonly code: string
  readonly retry: string
  readonly message: string
  readonly help: string
  readonly attempts: number
  readonly failedAt: number
}

/** Which failures: all that is given must fit. */
export interface FailureFilter {
  readonly pipeline?: string | undefined
  readonly node?: string | undefined
  readonly stage?: string | undefined
  readonly code?: string | undefined
  /** Only of these items. */
  readonly items?: ReadonlySet<number> | undefined
}

/**
 * The look-up of a rescan, for a thread with its own connection. Parameters: dev, ino, size, mtime_ns, ctime_ns (see {@link signed}),
 * pipeline, plan, path (bytes). No row: nobody knows the path.
 */
export const LOOK_UP = `
SELECT item.id AS id,
  (dev = ? AND ino = ? AND size = ? AND mtime_ns = ? AND ctime_ns = ?) AS same,
  EXISTS (SELECT 1 FROM item_state WHERE item = item.id AND pipeline = ? AND plan = ? AND state = 'done') AS done
FROM item WHERE path = ? AND gone_at = 0`

/** Files and where they stand in each pipeline. */
export interface Service {
  /** The item that is at this path now. Synchronous: a short read. */
  readonly at: (path: string) => Item | undefined
  readonly byId: (item: number) => Item | undefined
  /** Items with these bytes, gone ones too. Synchronous: a short read. */
  readonly withContent: (contentHash: string) => ReadonlyArray<Item>
  /**
   * What this file was under other names, where nothing is at those paths any more: items with its inode, size and modification time,
   * as they were known last. None when that was at this path: it changed there, and its times were put back. Synchronous: a short read.
   */
  readonly likeStamp: (path: string, stamp: FileStat) => ReadonlyArray<Alike>
  /**
   * Gives each file its row: the one at its path, the one that it was moved from, or a new one. Other content at a known path
   * turns the old row into history. Committed when it returns; in the order of the files.
   */
  readonly arrive: (files: ReadonlyArray<Arrived>) => Effect.Effect<ReadonlyArray<ArrivedRow>, StoreError>
  /** Whether the item is done under this plan. Synchronous: a short read. */
  readonly isDone: (item: number, pipeline: string, plan: number) => boolean
  /** Marks rows whose files are no longer there; they stay as history. */
  readonly vanish: (items: ReadonlyArray<number>) => Effect.Effect<void, StoreError>
  /** Posts how an item ended; `settled` is called when that is on disk. */
  readonly end: (
    ending: {
      readonly item: number
      readonly pipeline: string
      readonly plan: number
      readonly state: State
      readonly obstacles: ReadonlyArray<Obstacle>
    },
    settled: Settled
  ) => void
  /** Forgets how items ended, in one pipeline or in all, so that the next run looks at them again. */
  readonly reopen: (items: ReadonlyArray<number>, pipeline?: string) => Effect.Effect<void, StoreError>
  /** How many of the files that are there ended how in a pipeline, the last time. */
  readonly standing: (pipeline: string) => Effect.Effect<Readonly<Record<State, number>>, StoreError>
  /** The failure table, oldest first. */
  readonly failures: (filter: FailureFilter) => Effect.Effect<ReadonlyArray<FailureRow>, StoreError>
}

const COLUMNS = "id, path, content_hash, size, gone_at"

const text = (value: Value | undefined): string | undefined => (typeof value === "string" ? value : undefined)
const path = (value: Value | undefined): string => (value instanceof Uint8Array ? RawPath.fromBytes(value) : "")

const itemOf = (row: Row): Item => ({
  id: Number(row["id"]),
  path: path(row["path"]),
  contentHash: text(row["content_hash"]),
  size: Number(row["size"]),
  goneAt: row["gone_at"] === 0 ? undefined : Number(row["gone_at"])
})

const failureOf = (row: Row): FailureRow => ({
  item: Number(row["item"]),
  path: path(row["path"]),
  pipeline: String(row["pipeline"]),
  node: String(row["node"]),
  stage: String(row["stage"]),
  key: text(row["key"]),
  code: String(row["code"]),
  retry: String(row["retry"]),
  message: String(row["message"]),
  help: String(row["help"]),
  attempts: Number(row["attempts"]),
  failedAt: Number(row["failed_at"])
})

const make = Effect.map(Database, (database): Service => {
  const end = database.prepare(`INSERT INTO item_state (item, pipeline, plan, state, settled_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (item, pipeline) DO UPDATE SET plan = excluded.plan, state = excluded.state, settled_at = excluded.settled_at`)
  const clear = database.prepare("DELETE FROM failure WHERE item = ? AND pipeline = ?")
  const fail =
    database.prepare(`INSERT INTO failure (item, pipeline, node, stage, key, code, retry, message, help, attempts, failed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)

  /** Writes files, in one transaction; gives each one's row unless other content is in its place. */
  const put = (files: ReadonlyArray<Arrived>, anyGone: boolean) => {
    const now = Date.now()
    const parts = files.map((file) => arrival(file, now, file.isNew === true && !anyGone))
    return Effect.map(database.write(parts.flat()), (written) => {
      let last = -1
      return parts.map(({ length }): ArrivedRow | undefined => {
        const row = written[(last += length)]?.rows[0]
        return row && { id: Number(row["id"]), isNew: row["found_at"] === now }
      })
    })
  }

  return {
    at: (path) => {
      const row = database.row(`SELECT ${COLUMNS} FROM item WHERE path = ? AND gone_at = 0`, [RawPath.toBytes(path)])
      return row && itemOf(row)
    },
    byId: (item) => {
      const row = database.row(`SELECT ${COLUMNS} FROM item WHERE id = ?`, [item])
      return row && itemOf(row)
    },
    withContent: (contentHash) =>
      database.rows(`SELECT ${COLUMNS} FROM item WHERE content_hash = ? ORDER BY id`, [contentHash]).map(itemOf),
    likeStamp: (path, { ctimeNs, dev, ino, mtimeNs, size }) => {
      // The ctime is the kernel's, and grows with each change and name of a file.
      const known = database
        .rows(
          `SELECT ${COLUMNS}, ctime_ns <> ? AS touched FROM item WHERE ino = ? AND dev = ? AND size = ? AND mtime_ns = ? AND content_hash IS NOT NULL
             ORDER BY ctime_ns DESC, gone_at <> 0, id DESC`,
          [ctimeNs, signed(ino), signed(dev), size, mtimeNs]
        )
        .map((row): Alike => ({ ...itemOf(row), isTouched: row["touched"] !== 0 }))
      const [last] = known
      return last === undefined || last.path === path
        ? []
        : known.filter((item) => item.path !== path && item.contentHash === last.contentHash)
    },
    arrive: (files) =>
      Effect.gen(function* () {
        const gone = yield* database.reading(() => database.row("SELECT 1 FROM item WHERE gone_at <> 0 LIMIT 1", []))
        const rows = yield* put(files, gone !== undefined)
        const late = files.filter((_, i) => rows[i] === undefined)
        if (late.length === 0) return rows.flatMap((row) => row ?? [])
        // Another process was there first, with other content.
        const again = (yield* put(late, true))[Symbol.iterator]()
        return rows.flatMap((row) => row ?? again.next().value ?? [])
      }),
    isDone: (item, pipeline, plan) =>
      database.row("SELECT 1 AS done FROM item_state WHERE item = ? AND pipeline = ? AND plan = ? AND state = 'done'", [
        item,
        pipeline,
        plan
      ]) !== undefined,
    vanish: (items) =>
      database.write(
        items.map((id) => ({ sql: "UPDATE item SET gone_at = ? WHERE id = ? AND gone_at = 0", values: [Date.now(), id] }))
      ),
    end: ({ item, obstacles, pipeline, plan, state }, settled) => {
      const now = Date.now()
      database.post(clear, [item, pipeline])
      for (const { attempts, failure, key, node, stage } of obstacles)
        database.post(fail, [
          item,
          pipeline,
          node,
          stage,
          key ?? null,
          failure.code,
          failure.retry,
          failure.message,
          failure.help,
          attempts,
          now
        ])
      database.post(end, [item, pipeline, plan, state, now])
      database.settled(settled)
    },
    reopen: (items, pipeline) =>
      database.write(
        items.map((item) =>
          pipeline === undefined
            ? { sql: "DELETE FROM item_state WHERE item = ?", values: [item] }
            : { sql: "DELETE FROM item_state WHERE item = ? AND pipeline = ?", values: [item, pipeline] }
        )
      ),
    standing: (pipeline) =>
      database.reading(() => {
        const counted = new Map(
          database
            .rows(
              "SELECT state, count(*) AS n FROM item_state JOIN item ON item = id WHERE gone_at = 0 AND pipeline = ? GROUP BY state",
              [pipeline]
            )
            .map((row) => [row["state"], Number(row["n"])])
        )
        return { done: counted.get("done") ?? 0, failed: counted.get("failed") ?? 0, waiting: counted.get("waiting") ?? 0 }
      }),
    failures: (filter) =>
      database.reading(() => {
        const { code = null, node = null, pipeline = null, stage = null } = filter
        return database
          .rows(
            `SELECT failure.*, item.path AS path FROM failure JOIN item ON item.id = failure.item
             WHERE item.gone_at = 0 AND (? IS NULL OR pipeline = ?) AND (? IS NULL OR node = ?) AND (? IS NULL OR stage = ?)
               AND (? IS NULL OR code = ?) ORDER BY failed_at, item, node`,
            [pipeline, pipeline, node, node, stage, stage, code, code]
          )
          .map(failureOf)
          .filter(({ item }) => filter.items?.has(item) ?? true)
      })
  }
})

/** One media file: its row, and how it stands in each pipeline. */
export class Items extends Context.Tag("@mediaspool/core/Items")<Items, Service>() {
  static readonly layer: Layer.Layer<Items, never, Database> = Layer.effect(Items, make)
}
