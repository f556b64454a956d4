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

/** Whether a file is a database of ours, by its header: a backup is only read, also where nothing can be written beside it. */
const recognise = (from: string): Effect.Effect<void, StoreError> =>
  Effect.flatMap(
    Effect.try({ try: () => BackupFile.isOurs(from), catch: (cause) => refused(`${from} can't be read: ${String(cause)}`) }),
    (isOurs) => (isOurs ? Effect.void : refused(`${from} is no backup of Mediaspool's`))
  )

/** @param copy of `from`: SQLite lays its files beside it */
const check = (copy: string, from: string): Effect.Effect<void, StoreError> =>
  Effect.acquireUseRelease(
    Effect.try({ try: () => openReader(copy), catch: (cause) => storeError(cause, "DatabaseNotRead") }),
    (connection) =>
      Effect.try({
        try: () => String(connection.pragma("quick_check(1)", { simple: true })),
        catch: (cause) => storeError(cause, "DatabaseNotRead")
      }),
    (connection) => Effect.sync(() => connection.close())
  ).pipe(Effect.flatMap((integrity) => (integrity === "ok" ? Effect.void : refused(`${from} is damaged: ${integrity}`))))

/** Fails while another process works with the state folder, with its name where the system tells it. */
const alone = (folder: string, { id, lives, nameOf }: ProcessLock.Service): Effect.Effect<void, StoreError> =>
  Effect.suspend(() => {
    const owners = join(folder, "owners")
    const [other] = (existsSync(owners) ? readdirSync(owners) : [])
      .filter((name) => name.endsWith(".lock"))
      .map((name) => name.slice(0, -".lock".length))
      .filter((owner) => owner !== id && lives(owner))
    if (other === undefined) return Effect.void
    const name = nameOf(other)
    return Effect.fail(refused(`${name ?? "another process"} works with this state folder: end it first`))
  })

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
    // A reader leaves a log.
    checkpoint(file)
  }
}

/** A copy of a state folder that was taken while somebody wrote has a log beside it, which is a part of it. */
const copyWithLog = async (from: string, to: string): Promise<void> => {
  for (const log of ["-wal", ""]) if (log === "" || existsSync(from + log)) await fs.copyFile(from + log, to + log)
  // A copy of a file that is read-only is, too.
  await fs.chmod(to, 0o644)
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
      yield* recognise(from)
      yield* Effect.try({ try: () => makeFolder(folder), catch: notWritten })
      const lock = yield* ProcessLock.make(folder)
      yield* alone(folder, lock)
      const file = join(folder, "spool.db")
      const part = join(folder, "spool.db.part")
      const parts = ["", "-wal", "-shm"].map((log) => part + log)
      yield* Effect.addFinalizer(() => Effect.promise(() => Promise.all(parts.map((path) => fs.rm(path, { force: true })))))
      yield* Effect.tryPromise({ try: () => copyWithLog(from, part), catch: notWritten })
      yield* check(part, from)
      yield* Effect.try({ try: () => checkpoint(part), catch: notWritten })
      // Copying took its time.
      yield* alone(folder, lock)
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
