import { ConfigError, ConfigFile, type Project } from "@mediaspool/core"
import { Effect, Option } from "effect"
import * as Diagnostics from "./Diagnostics.js"
import type { Ended } from "./ExitCode.js"
import type { Output } from "./output/Output.js"

/** A pipeline, and the source folder that it may have. */
export interface PipelineSource {
  readonly pipeline: string
  readonly source?: { readonly folder: string } | undefined
}

/** In the place of a loader of modules, for a YAML file. */
export const unloaded = Effect.dieMessage("a YAML file imports nothing")

/** The config that is meant; absolute. */
export const located = (named: Option.Option<string>) =>
  ConfigFile.find({ cwd: process.cwd(), file: Option.getOrUndefined(named) })

/** Loaded only by commands that need it: it starts slower. */
const host = Effect.promise(() => import("./host.js"))

/** The project of a config: read, checked as a whole, its plugins imported. */
export const loadProject = (config: Option.Option<string>): Effect.Effect<Project.Project, Ended, Output> =>
  Effect.flatMap(host, ({ load }) => load(config)).pipe(Effect.catchTag("ConfigError", Diagnostics.refuse))

/** The state folder of a config; absolute. Of a YAML file nothing else is read, and no plugin is loaded. */
export const stateFolder = (named: Option.Option<string>): Effect.Effect<string, ConfigError> =>
  Effect.gen(function* () {
    const file = yield* located(named)
    if (ConfigFile.isYaml(file)) return ConfigFile.stateOf(file, yield* ConfigFile.read(file, unloaded))
    return yield* Effect.tryPromise({
      try: async () => (await import("./host.js")).stateFolder(file),
      catch: (cause) =>
        new ConfigError({
          code: "ConfigFaulty",
          faults: [{ file, path: "", message: cause instanceof Error ? cause.message : String(cause), candidates: [] }]
        })
    })
  })

/** The pipelines of a config with their source folders. Of a YAML file nothing else is read: other errors in it don't matter here. */
export const pipelineSources = (named: Option.Option<string>): Effect.Effect<ReadonlyArray<PipelineSource>, Ended, Output> =>
  Effect.gen(function* () {
    const file = yield* located(named)
    if (ConfigFile.isYaml(file)) {
      const folders = ConfigFile.foldersOf(file, yield* ConfigFile.read(file, unloaded))
      return [...folders].map(([pipeline, folder]): PipelineSource => ({
        pipeline,
        source: folder === undefined ? undefined : { folder }
      }))
    }
    const { load } = yield* host
    const { pipelines } = yield* load(Option.some(file))
    return [...pipelines.values()].map(({ plan }): PipelineSource => plan)
  }).pipe(Effect.catchTag("ConfigError", Diagnostics.refuse))
