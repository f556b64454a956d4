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
      Args.withDescription("Folder with the media files, created if missing; default: this folder")
    ),
    captions: Options.boolean("captions").pipe(
      Options.withDescription("Add captions and tags by audio models; needs an API key or `spool emulator`")
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
          `${paint.green("✓")} ${place(made.config)} written: the steps for every audio and video file in ${made.folder === process.cwd() ? "this folder" : place(made.folder)}.`,
          ...(made.folderMade ? [`  The folder was created: add some files.`] : []),
          "",
          ...(captions
            ? [
                "  export DASHSCOPE_API_KEY=…   an API key for the region in the config",
                "  spool emulator         or try it without a key, on this machine",
                ""
              ]
            : []),
          "  spool run              process the files",
          "  spool search WORDS     search the results",
          "  spool check            validate the config after an edit"
        ].join("\n")
      )
      yield* output.value({ type: "init", ...made })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Write a commented spool.yaml that works without an API key"))
