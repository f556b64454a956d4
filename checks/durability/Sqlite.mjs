// The database as any tool sees it, through the driver that core brings.
import { createRequire } from "node:module"

const Sqlite = createRequire(new URL("../../packages/core/package.json", import.meta.url))("better-sqlite3")

/** Asks a database that others may be writing, or, for so many milliseconds, hold alone. */
export const reading = (file, ask, patience = 10_000) => {
  const database = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: patience })
  try {
    return ask((sql, ...values) => database.prepare(sql).all(...values))
  } finally {
    database.close()
  }
}

/** Opens a database to write into it, as somebody else would. */
export const open = (file) => new Sqlite(file, { timeout: 10_000 })
