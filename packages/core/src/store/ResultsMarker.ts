import type Sqlite from "better-sqlite3"
import { Either, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { StoreError } from "./StoreError.js"

/**
 * What a state folder remembers of its database in a small file beside it: a `spool.db` that is empty, older, without its log or
 * another one must be noticed before everything in it is done, and paid for, again.
 */
const Marker = Schema.parseJson(
  Schema.Struct({
    /** Stands in the database too. */
    database: Schema.String,
    /** When results were first kept here; ISO 8601. */
    since: Schema.String,
    /** Rows of the run log: it only grows. */
    attempts: Schema.NonNegativeInt
  })
)
type Marker = typeof Marker.Type

const fileOf = (folder: string): string => join(folder, "results.json")

const read = (folder: string): Marker | undefined => {
  try {
    return Either.getOrUndefined(Schema.decodeUnknownEither(Marker)(readFileSync(fileOf(folder), "utf8")))
  } catch {
    return undefined
  }
}

const first = (connection: Sqlite.Database, sql: string): unknown => connection.prepare(sql).pluck().get()

const idOf = (connection: Sqlite.Database): string | undefined => {
  const id = first(connection, "SELECT value FROM fact WHERE name = 'database'")
  return typeof id === "string" ? id : undefined
}

const attemptsOf = (connection: Sqlite.Database): number => Number(first(connection, "SELECT coalesce(max(id), 0) FROM attempt"))

/** Why this database isn't the one whose results were kept in the folder; `undefined` when it is. */
export const missing = (folder: string, connection: Sqlite.Database): StoreError | undefined => {
  const marker = read(folder)
  if (marker === undefined) return undefined
  const attempts = attemptsOf(connection)
  const id = idOf(connection)
  if (attempts >= marker.attempts && (id === undefined || id === marker.database)) return undefined
  const what = attempts === 0 ? "is empty" : id !== marker.database ? "is another database" : `holds ${attempts} of them`
  return new StoreError({
    code: "ResultsMissing",
    detail: `${marker.attempts} steps have been recorded in ${folder} since ${marker.since}, but its spool.db ${what}`
  })
}

/** Says in the folder what the database holds by now, where that is more than before. The connection may write. */
export const write = (folder: string, connection: Sqlite.Database): void => {
  const attempts = attemptsOf(connection)
  const before = read(folder)
  if (attempts === 0 || attempts === before?.attempts) return
  connection
    .prepare("INSERT INTO fact (name, value) VALUES ('database', ?) ON CONFLICT (name) DO NOTHING")
    .run(before?.database ?? randomUUID())
  const marker: Marker = {
    database: idOf(connection) ?? "",
    since: before?.since ?? new Date().toISOString(),
    attempts
  }
  const file = fileOf(folder)
  writeFileSync(`${file}.new`, Schema.encodeSync(Marker)(marker))
  renameSync(`${file}.new`, file)
}

/** Forgets what the folder remembers: a person has put another database in its place. */
export const forget = (folder: string): void => rmSync(fileOf(folder), { force: true })
