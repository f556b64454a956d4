import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { dirname } from "node:path"
import * as BackupFile from "./BackupFile.js"
import { makeFolder } from "../stage/makeFolder.js"
import { openReader } from "./Connection.js"
import { Database } from "./Database.js"
import { storeError, StoreError } from "./StoreError.js"

const notWritten = (cause: unknown): StoreError => {
  const failure = storeError(cause, "DatabaseNotWritten")
  return failure.code === "DatabaseNotWritten" ? new StoreError({ code: "BackupNotWritten", detail: failure.detail }) : failure
}

/** Refuses, or gives back the path: a file system that can't be asked can't be written either. */
const checked = (to: string): Effect.Effect<void, StoreError> =>
  Effect.flatMap(Effect.try({ try: () => BackupFile.refusal(to), catch: notWritten }), (refusal) =>
    refusal === undefined ? Effect.void : Effect.fail(refusal)
  )

/**
 * Copies the database while others use it: the copy is one moment's, whole or absent. Artifacts are plain files and are not in it.
 *
 * Fails with `BackupNotWritten` where its disk is full or read-only.
 * Fails with `BackupRefused` where something is that isn't an earlier backup: an original, a pipe, a device, a database in use.
 *
 * @param to absolute path of a file; an earlier backup is replaced when the copy is complete
 */
export const backUp = (to: string): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(Database, ({ file }) => {
    const part = `${to}.${randomUUID()}.part`
    return Effect.zipRight(
      checked(to),
      Effect.acquireUseRelease(
        Effect.try({ try: () => openReader(file), catch: (cause) => storeError(cause, "DatabaseNotRead") }),
        (connection) =>
          Effect.gen(function* () {
            yield* Effect.tryPromise({
              try: async () => {
                makeFolder(dirname(to))
                await connection.backup(part)
              },
              catch: notWritten
            })
            // Somebody may have put something there meanwhile.
            yield* checked(to)
            yield* Effect.tryPromise({ try: () => fs.rename(part, to), catch: notWritten })
          }),
        (connection) =>
          Effect.promise(async () => {
            connection.close()
            await fs.rm(part, { force: true })
          })
      )
    )
  })
