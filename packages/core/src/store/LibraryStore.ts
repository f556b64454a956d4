import { Effect, Layer } from "effect"
import { Library, LibraryError } from "../stage/Library.js"
import { Database } from "./Database.js"
import type { StoreError } from "./StoreError.js"

/** A sink's own fault is a failure of the library. What is wrong with the disk is nobody's fault: a defect that says how it is met. */
const failed = <A>(work: Effect.Effect<A, StoreError>): Effect.Effect<A, LibraryError> =>
  Effect.catchAll(work, (error) =>
    error.code === "StatementRefused"
      ? Effect.fail(new LibraryError({ code: "LibraryNotWritten", detail: error.detail }))
      : Effect.die(error)
  )

/** The library's tables, in the same file as core's. */
export const layer: Layer.Layer<Library, never, Database> = Layer.effect(
  Library,
  Effect.map(Database, (database) => ({
    write: (statements) => failed(Effect.asVoid(database.write(statements))),
    read: ({ sql, values }) => failed(database.reading(() => database.rows(sql, values)))
  }))
)
