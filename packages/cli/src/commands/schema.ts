import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output, paint } from "../output/Output.js"
import { place } from "../output/Text.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

export const schema = Command.make(
  "schema",
  {
    print: Options.boolean("print").pipe(Options.withDescription("Print it to stdout, and write nothing")),
    json: options.json,
    config: options.config
  },
  ({ config, json, print }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const project = yield* loadProject(config)
      const SchemaFile = yield* Effect.promise(() => import("./schema/SchemaFile.js"))
      if (print) return yield* Effect.sync(() => void process.stdout.write(SchemaFile.textOf(project)))
      const { lineAdded, path, stages } = yield* SchemaFile.write(project)
      yield* output.print(
        `${paint.green("✓")} ${place(path)} knows ${stages} stages` + (lineAdded ? `; ${place(project.file)} names it now` : "")
      )
      yield* output.value({ type: "schema", path, stages, lineAdded })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Write the config's JSON Schema beside it, so that an editor completes and explains"))
