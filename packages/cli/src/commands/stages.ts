import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import * as options from "./options.js"

export const stages = Command.make(
  "stages",
  {
    name: Args.text({ name: "stage" }).pipe(Args.optional, Args.withDescription("Show one stage with all its settings")),
    json: options.json,
    config: options.config
  },
  ({ config, json, name }) =>
    Effect.gen(function* () {
      const { listStages } = yield* Effect.promise(() => import("./stages/StageList.js"))
      yield* listStages(config, name)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("List available stages with inputs, outputs and permissions"))
