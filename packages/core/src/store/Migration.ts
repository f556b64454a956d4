import type Sqlite from "better-sqlite3"
import { Effect } from "effect"
import { readdirSync, renameSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { makeFolder } from "../stage/makeFolder.js"
import type { Migration } from "../stage/Plugin.js"
import * as RawPath from "../stage/RawPath.js"
import * as SearchText from "../stage/SearchText.js"
import { APPLICATION } from "./BackupFile.js"
import * as Sql from "../stage/Sql.js"
import { openWriter } from "./Connection.js"
import * as CoreSchema from "./CoreSchema.js"
import { crashPoint } from "./CrashPoint.js"
import { storeError, StoreError } from "./StoreError.js"

/** A plugin's steps, by the plugin's name. */
export interface PluginMigrations {
  readonly plugin: string
  readonly migrations: ReadonlyArray<Migration>
}

const BACKUPS_KEPT = 5

interface Step {
  readonly name: string
  readonly sql: string
  readonly plugin?: { readonly name: string; readonly id: number }
}

const pragma = (connection: Sqlite.Database, name: string): number => Number(connection.pragma(name, { simple: true }))

const newer = (detail: string) => new StoreError({ code: "DatabaseNewer", detail })

/** The steps that a file lacks, or why it can't be used. */
export const missing = (
  connection: Sqlite.Database,
  plugins: ReadonlyArray<PluginMigrations>
): Effect.Effect<ReadonlyArray<Step>, StoreError> =>
  Effect.suspend(() => {
    const has = pragma(connection, "user_version")
    const application = pragma(connection, "application_id")
    if (application !== APPLICATION && (application !== 0 || has !== 0 || tables(connection) > 0))
      return Effect.fail(new StoreError({ code: "DatabaseDamaged", detail: "the file is another program's database" }))
    if (has > CoreSchema.schemas.length)
      return Effect.fail(
        newer(`the database has version ${has}, this Mediaspool knows versions up to ${CoreSchema.schemas.length}`)
      )
    const steps: Array<Step> = CoreSchema.schemas.slice(has).map((sql, i) => ({ name: `core ${has + i + 1}`, sql }))
    for (const { migrations, plugin } of plugins) {
      const done = has === 0 ? 0 : last(connection, plugin)
      const known = Math.max(0, ...migrations.map(({ id }) => id))
      if (done > known)
        return Effect.fail(newer(`the tables of plugin '${plugin}' have version ${done}, the installed one knows ${known}`))
      for (const { id, sql } of [...migrations].sort((a, b) => a.id - b.id))
        if (id > done) steps.push({ name: `${plugin} ${id}`, sql, plugin: { name: plugin, id } })
    }
    return Effect.succeed(steps)
  })

const tables = (connection: Sqlite.Database): number =>
  Number(connection.prepare("SELECT count(*) FROM sqlite_schema").pluck().get())

const last = (connection: Sqlite.Database, plugin: string): number =>
  Number(connection.prepare("SELECT coalesce(max(id), 0) FROM migration WHERE plugin = ?").pluck().get(plugin))

const pathOf = (value: unknown): string => (value instanceof Uint8Array ? RawPath.fromBytes(value) : String(value))

/** What the steps call on rows that are there already; afterwards such text is written by us, and no view or trigger needs it. */
const functions: Readonly<Record<string, (value: unknown) => string | null>> = {
  search_index: (text) => (text === null ? null : SearchText.index(String(text)).replace(/\s+/g, " ").trim()),
  search_parts: (text) => (text === null ? null : SearchText.parts(String(text)).replace(/\s+/g, " ").trim()),
  search_term: (text) => (text === null ? null : SearchText.term(String(text))),
  search_name: (path) => SearchText.ofPath(pathOf(path)).name,
  search_name_parts: (path) => SearchText.ofPath(pathOf(path)).parts,
  search_path: (path) => SearchText.ofPath(pathOf(path)).path
}

/** What a plugin's step may do. It runs inside one transaction, which is not its to end. */
const STEP_VERBS = ["CREATE", "ALTER", "DROP", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "SELECT", "REINDEX", "ANALYZE"]

const isOwn = (table: string | undefined): table is string => table !== undefined && CoreSchema.owns(table)

/** Why a plugin's step can't be taken; `undefined` when nothing in its text is in the way. */
export const refusal = (sql: string): string | undefined => {
  for (const { body, defers, name, on, raises, table, verb } of Sql.statements(sql)) {
    if (!STEP_VERBS.includes(verb)) return `a migration can't use ${verb}`
    // It would be found when everybody's rows are committed, and nobody's were.
    if (defers) return "a foreign key of a plugin's table can't be INITIALLY DEFERRED"
    if (isOwn(table)) return `a migration can't change the table ${table}, which is core's`
    if (verb === "DROP" && CoreSchema.creates(name)) return `a migration can't drop ${name}, which is core's`
    if (isOwn(on) && body.length === 0) return `a migration can't make an index on the table ${on}, which is core's`
    // A trigger may follow core's tables. Like a sink, it changes nothing of them but by having a file looked at again; and it
    // doesn't refuse: what everybody's run remembers isn't a plugin's to turn down.
    if (isOwn(on) && raises) return `a trigger on the table ${on}, which is core's, can't RAISE`
    const changed = body.find(({ table, verb }) => isOwn(table) && !(table === "item_state" && verb === "DELETE"))
    if (changed !== undefined) return `a trigger can't change the table ${changed.table}, which is core's`
  }
  return undefined
}

const apply = (connection: Sqlite.Database, steps: ReadonlyArray<Step>): void => {
  connection.pragma(`application_id = ${APPLICATION}`)
  connection.exec(
    "CREATE TABLE IF NOT EXISTS migration (plugin TEXT NOT NULL, id INTEGER NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (plugin, id)) STRICT, WITHOUT ROWID"
  )
  for (const [name, call] of Object.entries(functions)) connection.function(name, { deterministic: true }, call)
  const record = connection.prepare("INSERT INTO migration (plugin, id, applied_at) VALUES (?, ?, ?)")
  for (const { plugin, sql } of steps) {
    const refused = plugin === undefined ? undefined : refusal(sql)
    if (refused !== undefined) throw new Error(refused)
    connection.exec(sql)
    if (plugin !== undefined) record.run(plugin.name, plugin.id, Date.now())
  }
  connection.pragma(`user_version = ${CoreSchema.schemas.length}`)
}

/** A whole copy of the file beside it, before it is changed; the oldest copies go. */
const backUp = (connection: Sqlite.Database, file: string): string => {
  const folder = join(dirname(file), "backups")
  makeFolder(folder)
  const copy = join(folder, `spool-${new Date().toISOString().replace(/[:.]/g, "-")}.db`)
  connection.prepare("VACUUM INTO ?").run(`${copy}.part`)
  crashPoint("backup")
  renameSync(`${copy}.part`, copy)
  const copies = readdirSync(folder)
    .filter((name) => name.endsWith(".db"))
    .sort()
  for (const old of copies.slice(0, -BACKUPS_KEPT)) rmSync(join(folder, old), { force: true })
  return copy
}

/**
 * Brings a file to the present version, or makes it: all steps in one transaction, after a backup. Gives the backup's path.
 * A file that is up to date isn't touched.
 */
export const migrate = (file: string, plugins: ReadonlyArray<PluginMigrations>): Effect.Effect<string | undefined, StoreError> =>
  Effect.acquireUseRelease(
    Effect.try({ try: () => openWriter(file), catch: (cause) => storeError(cause, "DatabaseNotWritten") }),
    (connection) =>
      Effect.gen(function* () {
        const steps = yield* missing(connection, plugins)
        if (steps.length === 0) return undefined
        const backup = yield* Effect.try({
          try: () => (tables(connection) > 0 ? backUp(connection, file) : undefined),
          catch: (cause) => storeError(cause, "DatabaseNotWritten")
        })
        yield* Effect.acquireUseRelease(
          Effect.try({
            try: () => connection.exec("BEGIN IMMEDIATE"),
            catch: (cause) => storeError(cause, "DatabaseNotWritten")
          }),
          () =>
            Effect.gen(function* () {
              // Another process may have been faster.
              const now = yield* missing(connection, plugins)
              yield* Effect.try({
                try: () => {
                  if (now.length > 0) apply(connection, now)
                  crashPoint("commit")
                  connection.exec("COMMIT")
                },
                catch: (cause) =>
                  new StoreError({
                    code: "MigrationFailed",
                    detail: `${now.map(({ name }) => name).join(", ")}: ${cause instanceof Error ? cause.message : String(cause)}`
                  })
              })
            }),
          () => Effect.sync(() => (connection.inTransaction ? connection.exec("ROLLBACK") : undefined))
        )
        return backup
      }),
    (connection) => Effect.sync(() => connection.close())
  )
