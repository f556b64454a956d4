import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import * as options from "./options.js"

export const models = Command.make(
  "models",
  {
    name: Args.text({ name: "model" }).pipe(Args.optional, Args.withDescription("Show one model with its limits")),
    provider: Options.text("provider").pipe(
      Options.withPseudoName("provider"),
      Options.optional,
      Options.withDescription("Only the models of this provider")
    ),
    json: options.json,
    config: options.config
  },
  ({ config, json, name, provider }) =>
    Effect.gen(function* () {
      const { listModels } = yield* Effect.promise(() => import("./models/ModelList.js"))
      yield* listModels({ config, name, provider })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("List known models with providers, prices and what they hear and see"))
