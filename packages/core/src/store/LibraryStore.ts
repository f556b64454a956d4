import { Effect, Layer } from "effect"
import { Library, LibraryError } from "../stage/Library.js"
import { Database } from "./Database.js"
import type { StoreError } from "./StoreError.js"

const failed = (error: StoreError) => new LibraryError({ code: "LibraryNotWritten", detail: error.detail })

/** The library's tables, in the same file as core's. */
export const layer: Layer.Layer<Library, never, Database> = Layer.effect(
  Library,
  Effect.map(Database, (database) => ({
    write: (statements) => Effect.mapError(Effect.asVoid(database.write(statements)), failed),
    read: ({ sql, values }) =>
      Effect.mapError(
        database.reading(() => database.rows(sql, values)),
        failed
      )
  }))
)
