import * as Command from "@effect/cli/Command"
import { pluginDev } from "./plugin/dev.js"
import { pluginNew } from "./plugin/new.js"

export const plugin = Command.make("plugin").pipe(
  Command.withDescription("Create and develop a stage of your own: new, dev"),
  Command.withSubcommands([pluginNew, pluginDev])
)
