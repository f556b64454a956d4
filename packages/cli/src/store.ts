import { Database, type Items, type Ledger, type Library, Store, type StoreError } from "@mediaspool/core"
import { libraryMigrations } from "@mediaspool/plugins"
import { Effect, Option } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Diagnostics from "./Diagnostics.js"
import { type Ended, ExitCode } from "./ExitCode.js"
import type { Output } from "./output/Output.js"
import { place } from "./output/Text.js"
import { stateFolder } from "./project.js"
import { Refused } from "./Refused.js"

/** There is no database to read. */
export const nothingYet = "Nothing has been run here yet. Start with `spool run`."

/** The library's own tables: one of an older version is brought up to date before it is read. */
const tables: ReadonlyArray<Store.PluginMigrations> = [{ plugin: "library", migrations: libraryMigrations }]

/** What a reading command may use. */
type Reading = Database | Items | Ledger | Library

/** The state folder of a config, and whether it has a database. */
const located = (config: Option.Option<string>) =>
  Effect.map(Effect.catchTag(stateFolder(config), "ConfigError", Diagnostics.refuse), (folder) => ({
    folder,
    exists: existsSync(join(folder, "spool.db"))
  }))

/** Reads the database that belongs to a config; `None` when there is none yet. */
export const readStore = <A, R>(
  config: Option.Option<string>,
  use: (database: Database["Type"]) => Effect.Effect<A, Refused | StoreError, R>
): Effect.Effect<Option.Option<A>, Ended | Refused, Output | Exclude<R, Reading>> =>
  Effect.gen(function* () {
    const { exists, folder } = yield* located(config)
    if (!exists) return Option.none()
    return yield* Effect.flatMap(Database, use).pipe(
      Effect.provide(Store.layerReading(folder, tables)),
      Effect.map(Option.some),
      Effect.catchTag("StoreError", (error) => Refused.of(error, place(folder)))
    )
  })

/** Opens the store of a config to change something in it. A run or a watcher may be active meanwhile. */
export const withStore = <A, E extends Ended | Refused, R>(
  config: Option.Option<string>,
  use: Effect.Effect<A, E | StoreError, R>
): Effect.Effect<A, Ended | Refused, Output | Exclude<R, Store.Store>> =>
  Effect.gen(function* () {
    const { exists, folder } = yield* located(config)
    if (!exists) return yield* new Refused({ code: ExitCode.failed, message: nothingYet })
    return yield* use.pipe(
      Effect.provide(Store.layer(folder, tables)),
      Effect.catchIf(
        (error): error is StoreError => error._tag === "StoreError",
        (error) => Effect.fail(Refused.of(error, place(folder)))
      )
    )
  })
