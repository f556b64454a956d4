import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const search = Command.make("search", { json: Common.json, config: Common.config }, () => Effect.void).pipe(
  Command.withDescription("Find files by what their captions and tags say")
)
