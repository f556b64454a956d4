import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Effect } from "effect"
const run = Command.make("run", {}, () => Effect.log("x"))
const root = Command.make("spool", {}).pipe(Command.withSubcommands([run]))
const cli = Command.run(root, { name: "spool", version: "1" })
export const main = (argv: ReadonlyArray<string>) =>
  Effect.runFork(cli(argv).pipe(Effect.provide(NodeContext.layer), Effect.provide(CliConfig.layer({}))))
