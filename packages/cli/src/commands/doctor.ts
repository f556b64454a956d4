import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import * as Common from "./Common.js"

export const doctor = Command.make("doctor", { json: Common.json, config: Common.config }, () => Effect.void).pipe(
  Command.withDescription("Check this machine, the state folder and the config")
)
