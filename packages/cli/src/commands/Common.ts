import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import type { Project } from "@mediaspool/core"
import { Effect, type Option } from "effect"
import * as ConfigFaults from "../ConfigFaults.js"
import type { Ended } from "../ExitCode.js"
import type { Output } from "../Output.js"

/** For scripts: one JSON value per line on stdout, and nothing else there. */
export const json = Options.boolean("json").pipe(
  Options.withDescription("One JSON value per line on stdout; text and progress go to stderr")
)

export const config = Options.file("config", { exists: "either" }).pipe(
  Options.optional,
  Options.withDescription("The config file; default: the nearest spool.yaml or spool.config.ts, here or in a folder above")
)

/** The parameters of whoever watches, or speaks to a watcher. */
export const watched = {
  pipelines: Args.text({ name: "pipeline" }).pipe(
    Args.repeated,
    Args.withDescription("Only these; default: every pipeline that has a source folder")
  ),
  json,
  config
}

/** What only commands that work need, and start slower for. */
export const layers = Effect.promise(() => import("../layers.js"))

/** The project of a config: read, checked as a whole, its plugins imported. */
export const project = (config: Option.Option<string>): Effect.Effect<Project.Project, Ended, Output> =>
  Effect.flatMap(layers, ({ load }) => load(config)).pipe(Effect.catchTag("ConfigError", ConfigFaults.refuse))
