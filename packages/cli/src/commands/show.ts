import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const show = Command.make("show", { json: Common.json, config: Common.config }, () => Effect.void).pipe(
  Command.withDescription("Show everything known of a file")
)
