import { ConfigFile } from "@mediaspool/core"
import { SavedQueries, type SearchError } from "@mediaspool/plugins"
import { Effect, type Option, Schema } from "effect"
import * as Diagnostics from "./Diagnostics.js"
import { type Ended, ExitCode } from "./ExitCode.js"
import type { Output } from "./output/Output.js"
import { loadProject, located, unloaded } from "./project.js"
import { Refused } from "./Refused.js"

/** The queries that a config saves. Of a YAML file nothing else is read, and no plugin is loaded. */
export const savedQueries = (config: Option.Option<string>): Effect.Effect<SavedQueries, Ended, Output> =>
  Effect.gen(function* () {
    const file = yield* located(config)
    if (ConfigFile.isYaml(file)) return ConfigFile.textsOf(yield* ConfigFile.read(file, unloaded), "queries")
    const { settings } = yield* loadProject(config)
    return yield* Effect.orElseSucceed(Schema.validate(SavedQueries)(settings.section("queries")), (): SavedQueries => ({}))
  }).pipe(Effect.catchTag("ConfigError", Diagnostics.refuse))

/** What somebody typed is wrong, not the machine. */
export const usage = ({ detail, help }: SearchError): Refused => new Refused({ code: ExitCode.usage, message: detail, help })
