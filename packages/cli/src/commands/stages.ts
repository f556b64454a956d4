import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import { Output } from "../Output.js"
import * as Common from "./Common.js"

export const stages = Command.make(
  "stages",
  {
    name: Args.text({ name: "stage" }).pipe(Args.optional, Args.withDescription("One stage, with all its settings")),
    json: Common.json,
    config: Common.config
  },
  ({ config, json, name }) =>
    Effect.gen(function* () {
      const { listStages } = yield* Effect.promise(() => import("../listing/Stages.js"))
      yield* listStages(config, name)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("List the stages that a pipeline can use, what they take and give, and what they touch"))
