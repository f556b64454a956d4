import { Effect } from "effect"
import { promises as fs, mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { openReader } from "./Connection.js"
import { Database } from "./Database.js"
import { storeError, type StoreError } from "./StoreError.js"

/**
 * Copies the database while others use it: the copy is one moment's, whole or absent. Artifacts are plain files and are not in it.
 *
 * @param to absolute path of a file; one that is there is replaced when the copy is complete
 */
export const backUp = (to: string): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(Database, ({ file }) =>
    Effect.acquireUseRelease(
      Effect.try({ try: () => openReader(file), catch: (cause) => storeError(cause, "DatabaseNotRead") }),
      (connection) =>
        Effect.tryPromise({
          try: async () => {
            mkdirSync(dirname(to), { recursive: true })
            await connection.backup(`${to}.part`)
            await fs.rename(`${to}.part`, to)
          },
          catch: (cause) => storeError(cause, "DatabaseNotWritten")
        }),
      (connection) =>
        Effect.promise(async () => {
          connection.close()
          await fs.rm(`${to}.part`, { force: true })
        })
    )
  )
