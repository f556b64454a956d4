import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect, Option } from "effect"
import { join } from "node:path"
import { Output, paint } from "../../output/Output.js"
import { loadProject } from "../../project.js"
import * as options from "../options.js"
import { install, manager, write } from "./NewPlugin.js"

/** What to type next. */
const next = (folder: string, installed: boolean): string =>
  [
    `${paint.green("✓")} Created a plugin with one stage in ${folder}`,
    "",
    `  cd ${folder}`,
    ...(installed ? [] : [`  ${manager()} install`]),
    `  ${manager()} test              run its tests`,
    `  ${manager()} run dev           run the stage on every save`
  ].join("\n")

export const pluginNew = Command.make(
  "new",
  {
    name: Args.text({ name: "name" }).pipe(Args.withDescription("Package name: loudest-part or @me/loudest-part")),
    into: Options.directory("into", { exists: "either" }).pipe(
      Options.optional,
      Options.withDescription("Folder to create; default: the name without its scope")
    ),
    noInstall: Options.boolean("no-install").pipe(Options.withDescription("Write the files without installing dependencies")),
    json: options.json
  },
  ({ into, json, name, noInstall }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const made = yield* write(name, Option.getOrUndefined(into))
      const project = yield* loadProject(Option.some(join(made.folder, "spool.yaml")))
      const SchemaFile = yield* Effect.promise(() => import("../schema/SchemaFile.js"))
      yield* SchemaFile.write(project)
      const OwnPackages = yield* Effect.promise(() => import("./OwnPackages.js"))
      const vendored = yield* OwnPackages.vendor(made.folder, !noInstall)
      if (!noInstall) yield* Effect.zipRight(output.note(`${manager()} install …`), install(made.folder))
      yield* output.print(next(made.folder, !noInstall))
      yield* output.value({
        type: "plugin",
        name: made.name.package,
        stage: made.name.stage,
        folder: made.folder,
        files: [...made.files, SchemaFile.SCHEMA, ...vendored],
        installed: !noInstall
      })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Create a package with a stage, config, error, test and README"))
