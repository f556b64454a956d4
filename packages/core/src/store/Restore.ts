import { Effect } from "effect"
import { promises as fs, existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import * as BackupFile from "./BackupFile.js"
import { makeFolder } from "../stage/makeFolder.js"
import { openReader, openWriter } from "./Connection.js"
import * as ProcessLock from "./ProcessLock.js"
import * as ResultsMarker from "./ResultsMarker.js"
import { storeError, StoreError } from "./StoreError.js"

/** What a restored database means for the next run. */
export interface Restored {
  /** Where the database that was there is now; `undefined` when there was none. Absolute. */
  readonly replaced: string | undefined
  /** Files that the restored results name, and how many of them are not in the artifacts' folder: their stages run again. */
  readonly artifacts: number
  readonly missingArtifacts: number
}

const refused = (detail: string) => new StoreError({ code: "RestoreRefused", detail })
const notWritten = (cause: unknown) => storeError(cause, "DatabaseNotWritten")

const check = (from: string): Effect.Effect<void, StoreError> =>
  Effect.gen(function* () {
    const isOurs = yield* Effect.try({
      try: () => BackupFile.isOurs(from),
      catch: (cause) => refused(`${from} can't be read: ${String(cause)}`)
    })
    if (!isOurs) return yield* refused(`${from} is no backup of Mediaspool's`)
    const integrity = yield* Effect.acquireUseRelease(
      Effect.try({ try: () => openReader(from), catch: (cause) => storeError(cause, "DatabaseNotRead") }),
      (connection) =>
        Effect.try({
          try: () => String(connection.pragma("quick_check(1)", { simple: true })),
          catch: (cause) => storeError(cause, "DatabaseNotRead")
        }),
      (connection) => Effect.sync(() => connection.close())
    )
    if (integrity !== "ok") return yield* refused(`${from} is damaged: ${integrity}`)
  })

/** Whether another process works with the state folder. */
const others = (folder: string, { id, lives }: ProcessLock.Service): ReadonlyArray<string> => {
  const owners = join(folder, "owners")
  return (existsSync(owners) ? readdirSync(owners) : [])
    .filter((name) => name.endsWith(".lock"))
    .map((name) => name.slice(0, -".lock".length))
    .filter((owner) => owner !== id && lives(owner))
}

const countArtifacts = (folder: string, file: string): Pick<Restored, "artifacts" | "missingArtifacts"> => {
  const connection = openReader(file)
  try {
    let artifacts = 0
    let missingArtifacts = 0
    const rows = connection
      .prepare<[], { hash: string; extension: string }>(
        "SELECT hash, extension FROM artifact WHERE EXISTS (SELECT 1 FROM ledger WHERE ledger.key = artifact.key)"
      )
      .iterate()
    for (const { extension, hash } of rows) {
      artifacts++
      if (!existsSync(join(folder, "artifacts", hash.slice(0, 2), `${hash}.${extension}`))) missingArtifacts++
    }
    return { artifacts, missingArtifacts }
  } finally {
    connection.close()
  }
}

/** The log belongs to the file: it is written into it, so that one file is all of it. */
const checkpoint = (file: string): void => {
  openWriter(file).close()
}

/**
 * Puts a backup in the place of a state folder's database. The one that was there stays beside it.
 *
 * Fails with `RestoreRefused` while another process works with the folder, and when the file is no whole backup.
 *
 * @param from absolute path of the backup, which is only read
 * @param folder absolute path of the state folder; made when it isn't there
 */
export const restore = (from: string, folder: string): Effect.Effect<Restored, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* check(from)
      yield* Effect.try({ try: () => makeFolder(folder), catch: notWritten })
      const lock = yield* ProcessLock.make(folder)
      if (others(folder, lock).length > 0)
        return yield* refused("another process works with this state folder: stop it first (`spool drain`)")
      const file = join(folder, "spool.db")
      const part = join(folder, "spool.db.part")
      yield* Effect.addFinalizer(() => Effect.promise(() => fs.rm(part, { force: true })))
      yield* Effect.tryPromise({ try: () => fs.copyFile(from, part), catch: notWritten })
      const replaced = existsSync(file)
        ? join(folder, `spool-before-restore-${new Date().toISOString().replace(/[:.]/g, "-")}.db`)
        : undefined
      yield* Effect.tryPromise({
        try: async () => {
          if (replaced !== undefined) {
            try {
              checkpoint(file)
            } catch {
              // What is there may be what makes a restore necessary: it is kept as it is, with its log.
            }
            for (const log of ["-wal", "-shm"]) if (existsSync(file + log)) await fs.rename(file + log, replaced + log)
            await fs.rename(file, replaced)
          }
          await fs.rename(part, file)
          ResultsMarker.forget(folder)
        },
        catch: notWritten
      }).pipe(Effect.uninterruptible)
      const counts = yield* Effect.try({
        try: () => countArtifacts(folder, file),
        catch: (cause) => storeError(cause, "DatabaseNotRead")
      })
      return { replaced, ...counts }
    })
  )
