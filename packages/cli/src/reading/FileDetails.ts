import { type Database, RawPath, type Row, type StoreError, type Value } from "@mediaspool/core"
import { Effect } from "effect"
import { resolve } from "node:path"

/** Everything that the database knows of a file; rows have the names of their columns. */
export interface FileDetails {
  readonly id: number
  /** Absolute; a RawPath. */
  readonly path: string
  /** Bytes */
  readonly size: number
  readonly contentHash: string | undefined
  /** Found missing, or replaced; milliseconds since 1970. */
  readonly goneAt: number | undefined
  readonly media: Row | undefined
  readonly states: ReadonlyArray<Row>
  readonly failures: ReadonlyArray<Row>
  readonly captions: ReadonlyArray<Row>
  readonly tags: ReadonlyArray<Row>
  readonly results: ReadonlyArray<Row>
  /** The newest first. */
  readonly attempts: ReadonlyArray<Row>
}

const attemptsShown = 50

const find = (database: Database["Type"], name: string): ReadonlyArray<Row> => {
  const columns = "id, path, size, content_hash, gone_at"
  const at = database.rows(`SELECT ${columns} FROM item WHERE path = ? ORDER BY gone_at LIMIT 1`, [
    RawPath.toBytes(resolve(name))
  ])
  if (at.length > 0) return at
  if (/^\d{1,15}$/.test(name)) return database.rows(`SELECT ${columns} FROM item WHERE id = ?`, [Number(name)])
  return /^[0-9a-f]{8,64}$/.test(name)
    ? database.rows(`SELECT ${columns} FROM item WHERE content_hash >= ? AND content_hash < ? ORDER BY gone_at, id`, [
        name,
        `${name}g`
      ])
    : []
}

/** Columns that only matter inside. */
const inner = new Set(["item", "media_id", "key", "run"])

const shown = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([column]) => !inner.has(column)))

const details = (database: Database["Type"], item: Row): FileDetails => {
  const hash = item["content_hash"] ?? null
  const rows = (sql: string, ...values: ReadonlyArray<Value>) => database.rows(sql, values).map(shown)
  const ofItem = (table: string) => rows(`SELECT * FROM ${table} WHERE item = ?`, Number(item["id"]))
  const media = database.row("SELECT * FROM media WHERE content_hash = ?", [hash])
  const ofMedia = (table: string, order: string) =>
    media === undefined
      ? []
      : rows(`SELECT * FROM ${table} WHERE media_id = ? ORDER BY pipeline, node, ${order}`, media["id"] ?? null)
  const path = item["path"]
  return {
    id: Number(item["id"]),
    path: RawPath.fromBytes(path instanceof Uint8Array ? path : Buffer.from(String(path))),
    size: Number(item["size"]),
    contentHash: hash === null ? undefined : String(hash),
    goneAt: Number(item["gone_at"]) === 0 ? undefined : Number(item["gone_at"]),
    media,
    states: ofItem("item_state"),
    failures: ofItem("failure"),
    captions: ofMedia("caption", "start_seconds IS NOT NULL, start_seconds"),
    tags: ofMedia("tag", "vocabulary, confidence DESC"),
    results: ofMedia("result", "kind"),
    attempts: rows("SELECT * FROM attempt WHERE item = ? ORDER BY id DESC LIMIT ?", Number(item["id"]), attemptsShown)
  }
}

/**
 * What is known of the files that a name stands for: a path, an item's number, or the beginning of a content hash.
 * Several files may have one content.
 */
export const fileDetails = (database: Database["Type"], name: string): Effect.Effect<ReadonlyArray<FileDetails>, StoreError> =>
  database.reading(() => find(database, name).map((item) => details(database, item)))
