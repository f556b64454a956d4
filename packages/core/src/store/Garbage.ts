import { Effect } from "effect"
import { promises as fs } from "node:fs"
import { dirname, join } from "node:path"
import { ArtifactStore } from "./ArtifactStore.js"
import { Database } from "./Database.js"
import { type StoreError, unusable } from "./StoreError.js"

/** An artifact's file that nothing refers to. */
export interface GarbageFile {
  /** Absolute. */
  readonly path: string
  /** Bytes */
  readonly size: number
}

/** A file is in place before its row is: one that is younger may belong to a run that goes on. */
const YOUNG_MILLIS = 60 * 60 * 1_000

/** Rows whose result is forgotten or was replaced. */
const UNOWNED = "FROM artifact WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.key = artifact.key)"

/** Rows whose file somebody may still want: of results that are known, or that a run has only just begun to write. */
const WANTED = `SELECT 1 FROM artifact WHERE hash = ? AND (made_at > ? OR EXISTS (SELECT 1 FROM ledger WHERE ledger.key = artifact.key))`

const list = (folder: string) =>
  Effect.tryPromise({ try: () => fs.readdir(folder, { recursive: true, withFileTypes: true }), catch: unusable(folder) }).pipe(
    Effect.catchAll((error) => (error.detail.includes("ENOENT") ? Effect.succeed([]) : Effect.fail(error)))
  )

/** Files in the artifacts' folder that no result refers to. Nothing is removed. */
export const find: Effect.Effect<ReadonlyArray<GarbageFile>, StoreError, ArtifactStore | Database> = Effect.gen(function* () {
  const [store, database] = yield* Effect.all([ArtifactStore, Database])
  const before = Date.now() - YOUNG_MILLIS
  const found: Array<GarbageFile> = []
  for (const entry of yield* list(store.folder)) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const hash = entry.name.split(".", 1)[0] ?? ""
    if ((yield* database.reading(() => database.row(WANTED, [hash, before]))) !== undefined) continue
    const stat = yield* Effect.tryPromise({ try: () => fs.stat(path), catch: unusable(store.folder) })
    if (stat.ctimeMs < before) found.push({ path, size: stat.size })
  }
  return found
})

/** Removes what {@link find} found, and the rows that own nothing. */
export const remove = (files: ReadonlyArray<GarbageFile>): Effect.Effect<void, StoreError, Database> =>
  Effect.gen(function* () {
    const database = yield* Database
    yield* database.write([{ sql: `DELETE ${UNOWNED} AND made_at <= ?`, values: [Date.now() - YOUNG_MILLIS] }])
    yield* Effect.forEach(
      files,
      ({ path }) => Effect.tryPromise({ try: () => fs.rm(path, { force: true }), catch: unusable(dirname(path)) }),
      {
        concurrency: 8,
        discard: true
      }
    )
  })
