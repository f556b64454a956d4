import * as Command from "@effect/cli/Command"
import { pluginDev } from "./plugin/dev.js"
import { pluginNew } from "./plugin/new.js"

export const plugin = Command.make("plugin").pipe(
  Command.withDescription("Make a stage of your own, and work on it"),
  Command.withSubcommands([pluginNew, pluginDev])
)
