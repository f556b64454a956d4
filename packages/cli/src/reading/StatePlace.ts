import { ConfigError, ConfigFile } from "@mediaspool/core"
import { Effect, Option } from "effect"

const asked = Effect.dieMessage("a YAML file imports nothing")

/**
 * The state folder of a config; absolute. A command that only reads needs nothing else of the config: for a YAML file no plugin
 * is loaded.
 */
export const stateFolder = (named: Option.Option<string>): Effect.Effect<string, ConfigError> =>
  Effect.gen(function* () {
    const file = yield* ConfigFile.find({ cwd: process.cwd(), file: Option.getOrUndefined(named) })
    if (ConfigFile.isYaml(file)) return ConfigFile.stateOf(file, yield* ConfigFile.read(file, asked))
    return yield* Effect.tryPromise({
      try: async () => (await import("../layers.js")).stateFolder(file),
      catch: (cause) =>
        new ConfigError({
          code: "ConfigFaulty",
          faults: [{ file, path: "", message: cause instanceof Error ? cause.message : String(cause), candidates: [] }]
        })
    })
  })
