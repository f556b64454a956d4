import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const graph = Command.make("graph", { json: Common.json, config: Common.config }, () => Effect.void).pipe(
  Command.withDescription("Draw a pipeline")
)
