import { Database, type Library, type LibraryError, RawPath, type Row, type StoreError } from "@mediaspool/core"
import { MediaEntry } from "@mediaspool/plugins"
import { Effect, Option } from "effect"
import { dirname, resolve } from "node:path"

/** A file's row, and what runs have told of it. */
export interface FileItem {
  readonly id: number
  /** Absolute; a RawPath. */
  readonly path: string
  /** Bytes */
  readonly size: number
  readonly contentHash: string | undefined
  /** Found missing, or replaced; milliseconds since 1970. */
  readonly goneAt: number | undefined
  /** By pipeline; rows have the names of their columns. */
  readonly states: ReadonlyArray<Row>
  readonly failures: ReadonlyArray<Row>
  /** The newest first. */
  readonly attempts: ReadonlyArray<Row>
}

/** A file that a stage made. */
export interface ResultFile {
  readonly pipeline: string
  readonly node: string
  /** Where it stands in the result: `$.files[0]`. */
  readonly field: string
  /** Absolute. */
  readonly path: string
  /** Bytes */
  readonly size: number
}

const FILES = "SELECT pipeline, node, field, path, size_bytes FROM artifact_path WHERE media_id = ? ORDER BY pipeline, node"

/** Everything that is known of a content: the files that have it, and what the library says of it. */
export interface FileDetails {
  readonly contentHash: string | undefined
  readonly items: ReadonlyArray<FileItem>
  readonly entry: MediaEntry.MediaEntry | undefined
  /** The files that its results hold. */
  readonly artifacts: ReadonlyArray<ResultFile>
}

const attemptsShown = 50
const columns = "id, path, size, content_hash, gone_at"

const itemOf = (database: Database["Type"], row: Row): FileItem => {
  const id = Number(row["id"])
  const rows = (sql: string) => database.rows(sql, [id])
  const path = row["path"]
  return {
    id,
    path: RawPath.fromBytes(path instanceof Uint8Array ? path : Buffer.from(String(path))),
    size: Number(row["size"]),
    contentHash: row["content_hash"] === null ? undefined : String(row["content_hash"]),
    goneAt: row["gone_at"] === 0 ? undefined : Number(row["gone_at"]),
    states: rows("SELECT pipeline, state, settled_at FROM item_state WHERE item = ? ORDER BY pipeline"),
    failures: rows(
      `SELECT pipeline, node, stage, code, retry, message, help, attempts, failed_at FROM failure WHERE item = ?
       ORDER BY pipeline, node`
    ),
    attempts: rows(
      `SELECT node, try, outcome, code, message, started_at, milliseconds, input_tokens, output_tokens, amount, currency
       FROM attempt WHERE item = ? ORDER BY id DESC LIMIT ${attemptsShown}`
    )
  }
}

/**
 * What is known of the files that a name stands for: a path or its end, a number that `spool ls` gives, or the beginning of a
 * content hash. Files that the library doesn't have, because they failed, are known by their path or number.
 */
export const fileDetails = (
  name: string
): Effect.Effect<ReadonlyArray<FileDetails>, StoreError | LibraryError, Database | Library> =>
  Effect.gen(function* () {
    const database = yield* Database
    const items = (where: string, value: string | number | Uint8Array) =>
      database.reading(() =>
        database
          .rows(`SELECT ${columns} FROM item WHERE ${where} ORDER BY gone_at, id`, [value])
          .map((row) => itemOf(database, row))
      )
    const ofContent = (entry: MediaEntry.MediaEntry) =>
      Effect.map(
        Effect.all([items("content_hash = ?", entry.contentHash), database.reading(() => database.rows(FILES, [entry.id]))]),
        ([items, files]): FileDetails => ({
          contentHash: entry.contentHash,
          items,
          entry,
          artifacts: files.map((row) => ({
            pipeline: String(row["pipeline"]),
            node: String(row["node"]),
            field: String(row["field"]),
            path: resolve(dirname(database.file), String(row["path"])),
            size: Number(row["size_bytes"])
          }))
        })
      )
    const [item] = [
      ...(yield* items("path = ?", RawPath.toBytes(resolve(name)))),
      ...(/^\d{1,15}$/.test(name) ? yield* items("id = ?", Number(name)) : [])
    ]
    if (item === undefined) return yield* Effect.forEach(yield* MediaEntry.find(name), ofContent)
    const entry = Option.fromNullable(item.contentHash === undefined ? undefined : (yield* MediaEntry.find(item.contentHash))[0])
    return [
      Option.isSome(entry)
        ? yield* ofContent(entry.value)
        : { contentHash: item.contentHash, items: [item], entry: undefined, artifacts: [] }
    ]
  })
