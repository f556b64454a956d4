import * as Failure from "../stage/Failure.js"
import { fileInTheWay } from "../stage/fileInTheWay.js"
import { isStatementFault, type SqliteFault, sqliteCode, sqliteMessage } from "./Connection.js"

/** What can be wrong with the state folder and its database. */
export class StoreError extends Failure.Class<StoreError>()("StoreError", {
  DatabaseNotWritten: {
    retry: "later",
    help: "Check the state folder's disk: it is full, read-only or failing. What was not written is done again by the next run."
  },
  DatabaseLocked: {
    retry: "later",
    help: "Another program holds the database: close it, or let it finish. What was not written is done again by the next run."
  },
  StatementRefused: {
    retry: "now",
    help: "SQLite refuses a statement: it is a fault of the stage that wrote it; report it to its author, with the message."
  },
  StateDiskFull: { retry: "later", help: "Make room on the state folder's disk; what waits is taken up again by the next run." },
  DatabaseNotRead: { retry: "later", help: "Run `spool doctor`: it checks the state folder, its disk and the database." },
  DatabaseDamaged: {
    retry: "config",
    help: "Restore a backup with `spool restore FILE`; those made before upgrades are in `.spool/backups`. Without one, move the database and `results.json` away and run again."
  },
  ResultsMissing: {
    retry: "config",
    help: "Put the missing `spool.db-wal` back, or restore a backup with `spool restore FILE`. To go on with this database, which runs and pays for everything again that it lacks, delete `results.json` beside it."
  },
  BackupNotWritten: {
    retry: "later",
    help: "Check the disk and the permissions of the folder that the backup goes to; an earlier backup there is as it was."
  },
  BackupRefused: { retry: "config", help: "Name a new file, or an earlier backup." },
  RestoreRefused: { retry: "config", help: "Name a file that `spool backup` wrote, and restore while nothing else runs." },
  DatabaseNewer: { retry: "config", help: "Use the newer Mediaspool that wrote it, or a backup from before." },
  MigrationFailed: {
    retry: "config",
    help: "The database is as it was before. Look at what the message names: a plugin's migration, or the disk."
  },
  NetworkFileSystem: {
    retry: "config",
    help: "SQLite loses data on network shares: set `state` in the config to a folder on a local disk."
  },
  SqliteOlder: {
    retry: "config",
    help: "Reinstall the dependencies: this SQLite can damage a database that several processes use."
  },
  StateFolderGone: {
    retry: "config",
    help: "Put the state folder back where it was and run again. If it was removed on purpose, run again: everything is recomputed."
  },
  StateFolderUnusable: {
    retry: "config",
    help: "Give the user that runs Mediaspool the right to write the state folder, or name another one as `state` in the config."
  }
}) {}

/** What SQLite threw, as a failure that says what to do. */
export const storeError = (cause: unknown, otherwise: "DatabaseNotWritten" | "DatabaseNotRead"): StoreError =>
  cause instanceof StoreError
    ? cause
    : fromSqlite({ code: sqliteCode(cause), detail: sqliteMessage(cause), isRefused: isStatementFault(cause) }, otherwise)

/** The same from SQLite's own words: what crosses a thread. */
export const fromSqlite = (fault: SqliteFault, otherwise: "DatabaseNotWritten" | "DatabaseNotRead"): StoreError =>
  new StoreError({
    code: codeOf(fault) ?? otherwise,
    detail: fault.detail
  })

const codeOf = ({ code, isRefused }: SqliteFault): "DatabaseDamaged" | "DatabaseLocked" | "StatementRefused" | undefined =>
  /^SQLITE_(CORRUPT|NOTADB)/.test(code)
    ? "DatabaseDamaged"
    : /^SQLITE_(BUSY|LOCKED)/.test(code)
      ? "DatabaseLocked"
      : isRefused
        ? "StatementRefused"
        : undefined

/**
 * Why a state folder can't be used.
 *
 * @param folder absolute
 */
export const unusable =
  (folder: string) =>
  (cause: unknown): StoreError => {
    const file = fileInTheWay(folder)
    const detail =
      file === undefined ? (cause instanceof Error ? cause.message : String(cause)) : `${file} is a file, not a folder`
    return new StoreError({ code: "StateFolderUnusable", detail })
  }
