import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output, paint } from "../output/Output.js"
import { place } from "../output/Text.js"
import * as options from "./options.js"

export const init = Command.make(
  "init",
  {
    folder: Args.text({ name: "folder" }).pipe(
      Args.withDefault("."),
      Args.withDescription("Where the sounds and videos are; default: this folder. Made when it isn't there")
    ),
    captions: Options.boolean("captions").pipe(
      Options.withDescription("With captions and tags by models that listen: needs a key, or `spool emulator`")
    ),
    json: options.json
  },
  ({ captions, folder, json }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const NewConfig = yield* Effect.promise(() => import("./init/NewConfig.js"))
      const made = yield* NewConfig.write(process.cwd(), folder, captions)
      yield* output.print(
        [
          `${paint.green("✓")} ${place(made.config)} is written: what happens to every sound and video in ${made.folder === process.cwd() ? "this folder" : place(made.folder)}.`,
          ...(made.folderMade ? [`  The folder is new: put something in.`] : []),
          "",
          ...(captions
            ? [
                "  export DASHSCOPE_API_KEY=…   a key of the region that the config names",
                "  spool emulator         or a service on this machine, to try it without one",
                ""
              ]
            : []),
          "  spool run              does it",
          "  spool search WORDS     finds what came out",
          "  spool check            after every edit of the config"
        ].join("\n")
      )
      yield* output.value({ type: "init", ...made })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Write a commented spool.yaml that works at once, without a key (or, with --captions, with one)"))
