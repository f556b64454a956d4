import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output, paint } from "../output/Output.js"
import * as StandardOutput from "../output/StandardOutput.js"
import { place } from "../output/Text.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

export const schema = Command.make(
  "schema",
  {
    print: Options.boolean("print").pipe(Options.withDescription("Print the schema to stdout instead")),
    json: options.json,
    config: options.config
  },
  ({ config, json, print }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const project = yield* loadProject(config)
      const SchemaFile = yield* Effect.promise(() => import("./schema/SchemaFile.js"))
      if (print) return yield* Effect.sync(() => void StandardOutput.write(SchemaFile.textOf(project)))
      const { lineAdded, path, stages } = yield* SchemaFile.write(project)
      yield* output.print(
        `${paint.green("✓")} ${place(path)} covers ${stages} stages` +
          (lineAdded ? `; ${place(project.file)} now refers to it` : "")
      )
      yield* output.value({ type: "schema", path, stages, lineAdded })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Write a JSON Schema for the config, for completion in editors"))
