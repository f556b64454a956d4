import * as Command from "@effect/cli/Command"
import { pluginNew } from "./pluginNew.js"

export const plugin = Command.make("plugin").pipe(
  Command.withDescription("Make a stage of your own, and work on it"),
  Command.withSubcommands([pluginNew])
)
