import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import * as options from "./options.js"

export const report = Command.make(
  "report",
  {
    run: Args.integer({ name: "run" }).pipe(
      Args.optional,
      Args.withDescription("Number of the run, as `spool status --json` has it; default: the last one")
    ),
    to: Options.text("to").pipe(
      Options.withPseudoName("file"),
      Options.optional,
      Options.withDescription("New file, or an earlier report; default: report-<run>.html")
    ),
    json: options.json,
    config: options.config
  },
  ({ config, json, run, to }) =>
    Effect.gen(function* () {
      const { report } = yield* Effect.promise(() => import("./report/Report.js"))
      yield* report(run, to, config)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Write a run as one HTML page: steps, times, cost, failures, samples"))
