import type Sqlite from "better-sqlite3"
import { Context, Effect, Layer, type Scope } from "effect"
import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import type { Row, Statement, Value } from "../stage/Library.js"
import { makeFolder } from "../stage/makeFolder.js"
import { openReader, openWriter } from "./Connection.js"
import { migrate, missing, type PluginMigrations } from "./Migration.js"
import { networkFileSystem } from "./NetworkMount.js"
import * as ResultsMarker from "./ResultsMarker.js"
import { check, reserveFile } from "./Space.js"
import { storeError, StoreError, unusable } from "./StoreError.js"
import * as WriterClient from "./WriterClient.js"
import type { Prepared, Written } from "./WriterMessage.js"

/**
 * The one SQLite file. One thread of its own writes, in groups: whoever posts while a commit is under way shares the next one.
 * Reads are on the caller's thread, read-only, and short.
 */
export interface Service {
  /** Absolute path of `spool.db`. */
  readonly file: string

  /**
   * Rows of a short read, on disk already: what was posted and not committed is not among them. Synchronous, for hot paths;
   * what the driver throws there is caught by {@link reading}.
   */
  readonly rows: (sql: string, values: ReadonlyArray<Value>) => ReadonlyArray<Row>
  /** The first row of {@link rows}. */
  readonly row: (sql: string, values: ReadonlyArray<Value>) => Row | undefined
  /** Runs synchronous reads, and gives what goes wrong as a failure. */
  readonly reading: <A>(read: () => A) => Effect.Effect<A, StoreError>

  /** Makes a statement ready to post. */
  readonly prepare: (sql: string) => Prepared
  /** Hands a row to the next group and goes on. For statements that fail only when the disk does. */
  readonly post: (statement: Prepared, values: ReadonlyArray<Value>) => void
  /** Calls back, on this thread, when everything posted so far is on disk or has failed. */
  readonly settled: (callback: WriterClient.Settled) => void
  /** Waits until everything posted so far is on disk. */
  readonly flush: Effect.Effect<void, StoreError>
  /** Waits while too many rows are under way; costs nothing otherwise. */
  readonly room: Effect.Effect<void>
  /** Fails when the state folder was moved, removed or made again since it was opened. */
  readonly present: Effect.Effect<void, StoreError>
  /** Fails while the disk is nearly full: then nothing new may be begun. */
  readonly space: Effect.Effect<void, StoreError>

  /** All statements or none, in a commit shared with others; returns when they are on disk. */
  readonly write: (statements: ReadonlyArray<Statement>) => Effect.Effect<ReadonlyArray<Written>, StoreError>
}

/** Reads of one turn of the event loop share a transaction: a look-up costs half as much, and nothing is held across turns. */
const makeReader = (connection: Sqlite.Database) => {
  const statements = new Map<string, Sqlite.Statement<Array<Value>, Row>>()
  const begin = connection.prepare("BEGIN")
  const commit = connection.prepare("COMMIT")
  let open = false
  const release = () => {
    if (!open) return
    open = false
    commit.run()
  }
  const statement = (sql: string) => {
    let prepared = statements.get(sql)
    if (prepared === undefined) statements.set(sql, (prepared = connection.prepare<Array<Value>, Row>(sql)))
    if (!open) {
      begin.run()
      open = true
      setImmediate(release)
    }
    return prepared
  }
  return {
    release,
    rows: (sql: string, values: ReadonlyArray<Value>) => statement(sql).all(...values),
    row: (sql: string, values: ReadonlyArray<Value>) => statement(sql).get(...values)
  }
}

/** Older ones can damage a WAL database that several processes use. */
const OLDEST_SQLITE = [3, 51, 3] as const

const checkVersion = (connection: Sqlite.Database): Effect.Effect<void, StoreError> =>
  Effect.suspend(() => {
    const version = String(connection.prepare("SELECT sqlite_version()").pluck().get())
    const parts = version.split(".").map(Number)
    const first = OLDEST_SQLITE.findIndex((oldest, i) => parts[i] !== oldest)
    return first === -1 || (parts[first] ?? 0) > (OLDEST_SQLITE[first] ?? 0)
      ? Effect.void
      : Effect.fail(new StoreError({ code: "SqliteOlder", detail: `SQLite ${version} is older than ${OLDEST_SQLITE.join(".")}` }))
  })

const openFile = (
  file: string,
  plugins: ReadonlyArray<PluginMigrations>
): Effect.Effect<Sqlite.Database, StoreError, Scope.Scope> =>
  Effect.gen(function* () {
    const open = Effect.acquireRelease(
      Effect.try({ try: () => openReader(file), catch: (cause) => storeError(cause, "DatabaseNotRead") }),
      (connection) => Effect.sync(() => connection.close())
    )
    if (!existsSync(file)) yield* migrate(file, plugins)
    const reader = yield* open
    yield* checkVersion(reader)
    if ((yield* missing(reader, plugins)).length > 0) yield* migrate(file, plugins)
    return reader
  })

/** Of the file at a path; another one has another. */
const identity = (file: string): string => {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? "" : `${stats.dev} ${stats.ino}`
}

const gone = (folder: string, file: string) =>
  new StoreError({
    code: "StateFolderGone",
    detail: existsSync(file)
      ? `${folder} was made again by another process while this one used it`
      : `${folder} was moved or removed while it was in use`
  })

/**
 * After the last reader of this process: the log goes into the file, and is removed unless another process still has it open, so that
 * `spool.db` alone is the whole library: SQLite lets a reader make a log, and not remove it. What fails here is done by the next one that
 * opens the database.
 */
const tidyUp = (folder: string, file: string, hasWritten: boolean): void => {
  // One that was moved away meanwhile is not made again: its place is its own when it comes back.
  if (!existsSync(file)) return
  if (!hasWritten && !existsSync(`${file}-wal`)) return
  try {
    const connection = openWriter(file)
    try {
      if (hasWritten) ResultsMarker.write(folder, connection)
    } finally {
      connection.close()
    }
  } catch {
    // The rows are on disk, in the log.
  }
}

/**
 * Opens `spool.db` in the state folder, made or brought to the present version where needed. The writer's thread starts with the
 * first row: a command that only reads never pays for it.
 *
 * @param folder absolute path of the state folder
 */
const make = (folder: string, plugins: ReadonlyArray<PluginMigrations>): Effect.Effect<Service, StoreError, Scope.Scope> =>
  Effect.gen(function* () {
    const file = join(folder, "spool.db")
    yield* Effect.try({
      try: () => makeFolder(folder),
      catch: unusable(folder)
    })
    const network = networkFileSystem(folder)
    if (network !== undefined)
      return yield* new StoreError({ code: "NetworkFileSystem", detail: `${folder} is on a network file system (${network})` })
    let hasWritten = false
    yield* Effect.addFinalizer(() => Effect.sync(() => tidyUp(folder, file, hasWritten)))
    const connection = yield* openFile(file, plugins)
    const opened = identity(file)
    const absent = () => (identity(file) === opened ? undefined : gone(folder, file))
    const present = Effect.suspend(() => absent() ?? Effect.void)
    const missingResults = yield* Effect.try({
      try: () => ResultsMarker.missing(folder, connection),
      catch: (cause) => storeError(cause, "DatabaseNotRead")
    })
    if (missingResults !== undefined) return yield* missingResults
    const reader = makeReader(connection)
    yield* Effect.addFinalizer(() => Effect.sync(reader.release))
    const writer = yield* WriterClient.make({ file, reserve: reserveFile(folder) }, absent, () => {
      hasWritten = true
      reader.release()
    })
    return {
      file,
      rows: reader.rows,
      row: reader.row,
      reading: (read) => Effect.try({ try: read, catch: (cause) => storeError(cause, "DatabaseNotRead") }),
      prepare: writer.prepare,
      post: writer.post,
      settled: writer.settled,
      flush: Effect.async((resume) => {
        writer.flushed((failure) => resume(failure === undefined ? Effect.void : Effect.fail(failure)))
      }),
      room: writer.room,
      present,
      space: Effect.zipRight(present, check(folder)),
      write: (statements) => writer.write(statements.map(({ sql, values }) => ({ statement: writer.prepare(sql), values })))
    }
  })

/** The database of a state folder: reads in this thread, writes in another. */
export class Database extends Context.Tag("@mediaspool/core/Database")<Database, Service>() {
  /** @param folder absolute path of the state folder */
  static readonly layer = (folder: string, plugins: ReadonlyArray<PluginMigrations> = []): Layer.Layer<Database, StoreError> =>
    Layer.scoped(Database, make(folder, plugins))
}
