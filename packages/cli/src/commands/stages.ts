import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const stages = Command.make("stages", { json: Common.json, config: Common.config }, () => Effect.void).pipe(
  Command.withDescription("List the stages that a pipeline can use")
)
