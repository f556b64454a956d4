import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const check = Command.make("check", { json: Common.json, config: Common.config }, () => Effect.void).pipe(
  Command.withDescription("Check the config without touching any file")
)
