import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const ls = Command.make("ls", { json: Common.json, config: Common.config }, () => Effect.void).pipe(
  Command.withDescription("List files and how they stand")
)
