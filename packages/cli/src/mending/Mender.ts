import { Store, type StoreError } from "@mediaspool/core"
import { Effect, type Option } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as ConfigFaults from "../ConfigFaults.js"
import { type Ended, ExitCode, Refused } from "../ExitCode.js"
import * as Failed from "../Failed.js"
import type { Output } from "../Output.js"
import { nothingYet } from "../reading/Reader.js"
import { stateFolder } from "../reading/StatePlace.js"
import { place } from "../render/Text.js"

/** Opens the store of a config to change something there. A run or a watcher may go on meanwhile. */
export const mend = <A, E extends Ended | Refused, R>(
  config: Option.Option<string>,
  use: Effect.Effect<A, E | StoreError, R>
): Effect.Effect<A, Ended | Refused, Output | Exclude<R, Store.Store>> =>
  Effect.gen(function* () {
    const folder = yield* Effect.catchTag(stateFolder(config), "ConfigError", ConfigFaults.refuse)
    if (!existsSync(join(folder, "spool.db"))) return yield* new Refused({ code: ExitCode.failed, message: nothingYet })
    return yield* use.pipe(
      Effect.provide(Store.layer(folder)),
      Effect.catchIf(
        (error): error is StoreError => error._tag === "StoreError",
        (error) => Effect.fail(Failed.refused(error, place(folder)))
      )
    )
  })
