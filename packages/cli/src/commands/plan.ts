import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

export const plan = Command.make(
  "plan",
  {
    pipeline: Args.text({ name: "pipeline" }).pipe(
      Args.optional,
      Args.withDescription("Pipeline to plan; optional when the config has only one")
    ),
    paths: Args.text({ name: "path" }).pipe(
      Args.repeated,
      Args.withDescription("Files and folders to plan for; default: the pipeline's source folder")
    ),
    noProbe: Options.boolean("no-probe").pipe(
      Options.withDescription("Don't open new files to measure their length; they are counted apart")
    ),
    redo: Options.text("redo").pipe(
      Options.withPseudoName("node"),
      Options.repeated,
      Options.withDescription("Count asking this node or stage again, as a review with a note does")
    ),
    json: options.json,
    config: options.config
  },
  ({ config, json, noProbe, paths, pipeline, redo }) =>
    Effect.gen(function* () {
      const project = yield* loadProject(config)
      const { planRun } = yield* Effect.promise(() => import("./plan/PlanRun.js"))
      yield* planRun(project, pipeline, paths, { probe: !noProbe, redo })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Show what a run would do, and its cost, without paying anything"))
