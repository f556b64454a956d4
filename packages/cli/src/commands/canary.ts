import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect, Option } from "effect"
import { Output } from "../output/Output.js"
import { loadProject } from "../project.js"
import { Refused } from "../Refused.js"
import * as options from "./options.js"

export const canary = Command.make(
  "canary",
  {
    stage: Args.text({ name: "stage" }).pipe(
      Args.optional,
      Args.withDescription("Node, or stage, that was edited; without it, lists the edits on trial")
    ),
    query: options.query,
    size: Options.integer("size").pipe(
      Options.optional,
      Options.withDescription("Files to try it on: of each length, level, with speech and without; default 20")
    ),
    pipeline: Options.text("pipeline").pipe(
      Options.withPseudoName("pipeline"),
      Options.optional,
      Options.withDescription("Pipeline of the stage; needed where several have it")
    ),
    accept: Options.boolean("accept").pipe(Options.withDescription("Take the edit: the next run applies it to all files")),
    drop: Options.boolean("drop").pipe(Options.withDescription("Give up the edit; undo it in the config first")),
    json: options.json,
    config: options.config
  },
  ({ accept, config, drop, json, pipeline, query, size, stage }) =>
    Effect.gen(function* () {
      if (accept && drop) return yield* Refused.usage("--accept and --drop contradict each other.", "Leave one of them out.")
      const typed = Option.getOrUndefined(size)
      if (typed !== undefined && typed < 1)
        return yield* Refused.usage(`--size ${typed} is not a number of files.`, "Give a number above 0.")
      if (Option.isNone(stage)) {
        if (accept || drop)
          return yield* Refused.usage("Which stage?", "spool canary <stage> --accept; `spool canary` lists them.")
        const { listCanaries } = yield* Effect.promise(() => import("./canary/CanaryList.js"))
        return yield* listCanaries(config)
      }
      const project = yield* loadProject(config)
      const trial = yield* Effect.promise(() => import("./canary/CanaryRun.js"))
      const target = yield* trial.choose(project, stage.value, pipeline)
      if (accept || drop) yield* trial.decide(project, target, accept ? "accepted" : "dropped")
      else yield* trial.tryEdit(project, target, { query, size: typed, config })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Try an edited prompt, model or vocabulary on a few files before it is applied"))
