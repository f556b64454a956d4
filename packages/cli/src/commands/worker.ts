import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import * as options from "./options.js"

export const worker = Command.make(
  "worker",
  {
    queue: Options.text("queue").pipe(
      Options.withPseudoName("url"),
      Options.optional,
      Options.withDescription("The queue: redis://HOST:PORT; default: the config's `workers.queue`")
    ),
    slots: Options.integer("slots").pipe(
      Options.withPseudoName("n"),
      Options.optional,
      Options.withDescription("Heavy jobs at the same time; default: one per processor")
    ),
    root: Options.text("root").pipe(
      Options.withPseudoName("name=path"),
      Options.repeated,
      Options.withDescription("Where a shared folder is mounted here: NAME=PATH; default: the config's `workers.roots`")
    ),
    work: Options.text("work").pipe(
      Options.withPseudoName("folder"),
      Options.optional,
      Options.withDescription("Folder for scratch and fetched files; default: the system's temporary folder")
    ),
    cache: Options.text("cache").pipe(
      Options.withPseudoName("size"),
      Options.withDefault("20GB"),
      Options.withDescription("Most that fetched files may take: 500MB, 20GB; default: 20GB")
    ),
    json: options.json,
    config: options.config
  },
  ({ json, ...asked }) =>
    Effect.gen(function* () {
      const { runWorker } = yield* Effect.promise(() => import("./worker/RunWorker.js"))
      yield* runWorker(asked)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Run stages for a coordinator on another machine"))
