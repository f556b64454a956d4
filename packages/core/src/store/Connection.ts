// Loaded by threads that should start in a moment: no import but the driver and Node's own.
import Sqlite from "better-sqlite3"
import { accessSync, constants, existsSync, readFileSync } from "node:fs"
import { dirname } from "node:path"

/** SQLite's own name of what went wrong; empty for anything else. By the name: a plugin's driver may have brought the class of the error. */
export const sqliteCode = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && String(cause.code).startsWith("SQLITE_") ? String(cause.code) : ""

export const sqliteMessage = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  return sqliteCode(cause) === "" ? text : `${text} (${sqliteCode(cause)})`
}

/** Whether it is the statement's fault and not the disk's: the rest of a group can go on. */
export const isStatementFault = (cause: unknown): boolean =>
  sqliteCode(cause) === ""
    ? cause instanceof TypeError || cause instanceof RangeError || cause instanceof SyntaxError
    : /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG|AUTH)/.test(sqliteCode(cause))

/**
 * A connection that may write. `synchronous` is set by name: the driver's default differs between the first opening and later ones.
 *
 * @param waitMillis for others that write
 */
export const openWriter = (file: string, waitMillis = 60_000): Sqlite.Database => {
  const connection = new Sqlite(file, { timeout: waitMillis })
  connection.pragma("journal_mode = WAL")
  connection.pragma("synchronous = FULL")
  connection.pragma("foreign_keys = ON")
  // Pages of random keys are written to the log again and again: 16 MB of it spare most of their ways into the database.
  connection.pragma("wal_autocheckpoint = 4000")
  connection.pragma("journal_size_limit = 33554432")
  connection.pragma("cache_size = -16384")
  connection.pragma("temp_store = MEMORY")
  return connection
}

/** Whether a database has no log and can get none: a state folder on a read-only mount, or of another user. */
const isSealed = (file: string): boolean => {
  if (!existsSync(file) || existsSync(`${file}-wal`)) return false
  try {
    accessSync(dirname(file), constants.W_OK)
    return false
  } catch {
    return true
  }
}

/** The two bytes of a SQLite file's header that say whether it has a log: 2, or 1 for none. */
const LOG_MODE = [18, 20] as const

/** A connection to what a file holds now: SQLite reads no database with a log where it can't make one. */
const openInMemory = (file: string): Sqlite.Database => {
  const bytes = readFileSync(file)
  bytes.fill(1, ...LOG_MODE)
  return new Sqlite(bytes, { readonly: true })
}

/**
 * A connection that reads; where nothing can be written, of the file as it is now.
 *
 * @param cacheKiB what it keeps of the file in memory; default 16 MB
 */
export const openReader = (file: string, cacheKiB = 16_384): Sqlite.Database => {
  const connection = isSealed(file)
    ? openInMemory(file)
    : new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 60_000 })
  connection.pragma("query_only = ON")
  connection.pragma(`cache_size = -${cacheKiB}`)
  return connection
}

/** What SQLite threw, in its own words. */
export interface SqliteFault {
  readonly code: string
  readonly detail: string
  /** It is the statement's fault and not the disk's. */
  readonly isRefused: boolean
}
