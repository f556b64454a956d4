import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

export const check = Command.make(
  "check",
  {
    env: Options.boolean("env").pipe(
      Options.withDescription("Also look whether the secrets and programs that the pipelines need are there")
    ),
    json: options.json,
    config: options.config
  },
  ({ config, env, json }) =>
    Effect.gen(function* () {
      const project = yield* loadProject(config)
      const { check } = yield* Effect.promise(() => import("./check/Check.js"))
      yield* check(project, env)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Say everything that is wrong with the config; no media is opened and nothing is written"))
