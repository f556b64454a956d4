import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../Output.js"
import * as Common from "./Common.js"

export const check = Command.make(
  "check",
  {
    env: Options.boolean("env").pipe(
      Options.withDescription("Also look whether the secrets and programs that the pipelines need are there")
    ),
    json: Common.json,
    config: Common.config
  },
  ({ config, env, json }) =>
    Effect.gen(function* () {
      const project = yield* Common.project(config)
      const { check } = yield* Effect.promise(() => import("../checking/Check.js"))
      yield* check(project, env)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Say everything that is wrong with the config; no media is opened and nothing is written"))
