import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const run = Command.make(
  "run",
  {
    pipeline: Args.text({ name: "pipeline" }).pipe(
      Args.optional,
      Args.withDescription("May be left out when the config has one")
    ),
    paths: Args.text({ name: "path" }).pipe(Args.repeated, Args.withDescription("Only these files and folders")),
    rerun: Options.text("rerun").pipe(
      Options.withPseudoName("stage"),
      Options.repeated,
      Options.withDescription("Make this stage's or node's results anew; may be given several times")
    ),
    json: Common.json,
    config: Common.config
  },
  () => Effect.void
).pipe(Command.withDescription("Run a pipeline over its folder: only what is new or depends on what changed"))
