import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

export const check = Command.make(
  "check",
  {
    env: Options.boolean("env").pipe(Options.withDescription("Also check that required secrets and programs are present")),
    json: options.json,
    config: options.config
  },
  ({ config, env, json }) =>
    Effect.gen(function* () {
      const project = yield* loadProject(config)
      const { check } = yield* Effect.promise(() => import("./check/Check.js"))
      yield* check(project, env)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Validate the config; opens no media and writes nothing"))
