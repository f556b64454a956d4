import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

export const test = Command.make(
  "test",
  {
    names: Args.text({ name: "name" }).pipe(Args.repeated, Args.withDescription("Only these pipelines or tests; default: all")),
    live: Options.boolean("live").pipe(Options.withDescription("Make real paid API calls and record the replies")),
    json: options.json,
    config: options.config
  },
  ({ config, json, live, names }) =>
    Effect.gen(function* () {
      const project = yield* loadProject(config)
      const { runTests } = yield* Effect.promise(() => import("./test/RunTests.js"))
      yield* runTests(project, names, live)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Run the config's tests offline with recorded replies"))
