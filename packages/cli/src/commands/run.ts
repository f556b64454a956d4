import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

export const run = Command.make(
  "run",
  {
    pipeline: Args.text({ name: "pipeline" }).pipe(
      Args.optional,
      Args.withDescription("Pipeline to run; optional when the config has only one")
    ),
    paths: Args.text({ name: "path" }).pipe(
      Args.repeated,
      Args.withDescription("Files and folders to process; default: the pipeline's source folder")
    ),
    rerun: Options.text("rerun").pipe(
      Options.withPseudoName("stage"),
      Options.repeated,
      Options.withDescription("Recompute this stage or node; recorded API calls are reused")
    ),
    maxCost: Options.text("max-cost").pipe(
      Options.withPseudoName("amount"),
      Options.optional,
      Options.withDescription("Stop paying at this amount: 5usd, 30cny; the remaining work waits")
    ),
    dryRun: Options.boolean("dry-run").pipe(
      Options.withDescription("Show what the run would do, and its cost, as `spool plan` does")
    ),
    log: options.log,
    json: options.json,
    config: options.config
  },
  ({ config, dryRun, json, maxCost, paths, pipeline, rerun }) =>
    Effect.gen(function* () {
      const project = yield* loadProject(config)
      if (dryRun) {
        const [{ planRun }, { maxCost: limit }] = yield* Effect.promise(() =>
          Promise.all([import("./plan/PlanRun.js"), import("./run/budgets.js")])
        )
        return yield* planRun(project, pipeline, paths, { probe: true, rerun, budgets: yield* limit(maxCost) })
      }
      const { runPipeline } = yield* Effect.promise(() => import("./run/RunPipeline.js"))
      yield* runPipeline(project, pipeline, paths, rerun, maxCost)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Process new and changed files of a pipeline"))
