import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { Effect, Option } from "effect"
import { ExitCode, Refused } from "../ExitCode.js"
import * as Failed from "../Failed.js"
import { Output } from "../Output.js"
import { fileDetails } from "../reading/FileDetails.js"
import { nothingYet, read } from "../reading/Reader.js"
import { fileView } from "../render/FileView.js"
import { inline } from "../render/Text.js"
import * as Common from "./Common.js"

const unknown = (name: string) =>
  new Refused({
    code: ExitCode.failed,
    message: `Nothing is known of ${inline(name)}.`,
    help: "`spool ls` lists what is known; a file is named by its path, its number or the beginning of its content hash."
  })

export const show = Command.make(
  "show",
  {
    file: Args.text({ name: "file" }).pipe(
      Args.withDescription("A path, the number that `spool ls --json` gives, or the beginning of a content hash")
    ),
    json: Common.json,
    config: Common.config
  },
  ({ config, file, json }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const found = yield* read(config, () =>
        Effect.catchTag(fileDetails(file), "LibraryError", (error) => Failed.refused(error))
      )
      if (Option.isNone(found)) return yield* output.note(nothingYet)
      if (found.value.length === 0) return yield* unknown(file)
      for (const details of found.value) yield* output.value({ type: "file", ...details })
      if (!output.json) yield* output.print(found.value.map(fileView).join("\n\n"))
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Show everything known of a file"))
