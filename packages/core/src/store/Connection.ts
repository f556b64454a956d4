import Sqlite from "better-sqlite3"
import { Effect } from "effect"
import { StoreError } from "./StoreError.js"

/** Older ones can damage a WAL database that several processes use. */
const OLDEST_SQLITE = [3, 51, 3] as const

const code = (cause: unknown): string => (cause instanceof Sqlite.SqliteError ? cause.code : "")
const text = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** What SQLite threw, as a failure that says what to do. */
export const storeError = (cause: unknown, otherwise: "DatabaseNotWritten" | "DatabaseNotRead"): StoreError =>
  cause instanceof StoreError
    ? cause
    : new StoreError({
        code: /^SQLITE_(CORRUPT|NOTADB)/.test(code(cause)) ? "DatabaseDamaged" : otherwise,
        detail: code(cause) === "" ? text(cause) : `${text(cause)} (${code(cause)})`
      })

/** Whether it is the statement's fault and not the disk's: the rest of a group can go on. */
export const isStatementFault = (cause: unknown): boolean =>
  cause instanceof Sqlite.SqliteError
    ? /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG|AUTH)/.test(cause.code)
    : cause instanceof TypeError || cause instanceof RangeError || cause instanceof SyntaxError

/** Refuses a SQLite that isn't safe to use. */
export const checkVersion = (connection: Sqlite.Database): Effect.Effect<void, StoreError> =>
  Effect.suspend(() => {
    const version = String(connection.prepare("SELECT sqlite_version()").pluck().get())
    const parts = version.split(".").map(Number)
    const first = OLDEST_SQLITE.findIndex((oldest, i) => parts[i] !== oldest)
    return first === -1 || (parts[first] ?? 0) > (OLDEST_SQLITE[first] ?? 0)
      ? Effect.void
      : Effect.fail(new StoreError({ code: "SqliteOlder", detail: `SQLite ${version} is older than ${OLDEST_SQLITE.join(".")}` }))
  })

/** A connection that may write. `synchronous` is set by name: the driver's default differs between the first opening and later ones. */
export const openWriter = (file: string): Sqlite.Database => {
  const connection = new Sqlite(file, { timeout: 60_000 })
  connection.pragma("journal_mode = WAL")
  connection.pragma("synchronous = FULL")
  connection.pragma("foreign_keys = ON")
  connection.pragma("journal_size_limit = 16777216")
  connection.pragma("cache_size = -16384")
  connection.pragma("temp_store = MEMORY")
  return connection
}

/** A connection that reads. */
export const openReader = (file: string): Sqlite.Database => {
  const connection = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 60_000 })
  connection.pragma("query_only = ON")
  connection.pragma("cache_size = -16384")
  return connection
}
