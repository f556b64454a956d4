import { ConfigFile } from "@mediaspool/core"
import { Effect, Option } from "effect"
import * as ConfigFaults from "../ConfigFaults.js"
import type { Ended } from "../ExitCode.js"
import type { Output } from "../Output.js"
import type { Watchable } from "../watching/Watchable.js"

const asked = Effect.dieMessage("a YAML file imports nothing")

/**
 * The pipelines of a config with their source folders. Who only has something to say to a watcher needs nothing else of the config:
 * of a YAML file no more is read than that, and whatever else is wrong with it is in nobody's way.
 */
export const of = (named: Option.Option<string>): Effect.Effect<ReadonlyArray<Watchable>, Ended, Output> =>
  Effect.gen(function* () {
    const file = yield* ConfigFile.find({ cwd: process.cwd(), file: Option.getOrUndefined(named) })
    if (ConfigFile.isYaml(file)) {
      const folders = ConfigFile.foldersOf(file, yield* ConfigFile.read(file, asked))
      return [...folders].map(([pipeline, folder]): Watchable => ({
        pipeline,
        source: folder === undefined ? undefined : { folder }
      }))
    }
    const { load } = yield* Effect.promise(() => import("../layers.js"))
    const { pipelines } = yield* load(Option.some(file))
    return [...pipelines.values()].map(({ plan }): Watchable => plan)
  }).pipe(Effect.catchTag("ConfigError", ConfigFaults.refuse))
