import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const init = Command.make("init", { json: Common.json, config: Common.config }, () => Effect.void).pipe(
  Command.withDescription("Write a commented spool.yaml that works at once")
)
