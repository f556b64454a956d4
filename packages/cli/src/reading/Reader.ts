import { Database, type Items, type Ledger, type Library, Store, type StoreError } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as ConfigFaults from "../ConfigFaults.js"
import type { Ended, Refused } from "../ExitCode.js"
import * as Failed from "../Failed.js"
import type { Output } from "../Output.js"
import { place } from "../render/Text.js"
import { stateFolder } from "./StatePlace.js"

/** Nothing has run yet: there is no database to read. */
export const nothingYet = "Nothing has been run here yet: `spool run` does."

/** What a reading command may use. */
type Reading = Database | Items | Ledger | Library

/** Reads the database that belongs to a config; `None` when there is none yet. */
export const read = <A, R>(
  config: Option.Option<string>,
  use: (database: Database["Type"]) => Effect.Effect<A, Refused | StoreError, R>
): Effect.Effect<Option.Option<A>, Ended | Refused, Output | Exclude<R, Reading>> =>
  Effect.gen(function* () {
    const folder = yield* Effect.catchTag(stateFolder(config), "ConfigError", ConfigFaults.refuse)
    if (!existsSync(join(folder, "spool.db"))) return Option.none()
    return yield* Effect.flatMap(Database, use).pipe(
      Effect.provide(Store.layerReading(folder)),
      Effect.map(Option.some),
      Effect.catchTag("StoreError", (error) => Failed.refused(error, place(folder)))
    )
  })
