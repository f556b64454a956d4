import { Database, type StoreError } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Refused } from "../ExitCode.js"
import * as Failed from "../Failed.js"
import { place } from "../render/Text.js"
import { findConfig, stateFolder } from "./StatePlace.js"

/** Nothing has run yet: there is no database to read. */
export const nothingYet = "Nothing has been run here yet: `spool run` does."

/** Reads the database that belongs to a config; `None` when there is none yet. */
export const read = <A, R>(
  config: Option.Option<string>,
  use: (database: Database["Type"]) => Effect.Effect<A, Refused | StoreError, R>
): Effect.Effect<Option.Option<A>, Refused, R> =>
  Effect.gen(function* () {
    const folder = yield* stateFolder(yield* findConfig(config))
    if (!existsSync(join(folder, "spool.db"))) return Option.none()
    return yield* Effect.flatMap(Database, use).pipe(
      Effect.provide(Database.layer(folder)),
      Effect.map(Option.some),
      Effect.catchTag("StoreError", (error) => Failed.refused(error, place(folder)))
    )
  })
