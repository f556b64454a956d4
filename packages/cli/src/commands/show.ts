import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { Effect, Option } from "effect"
import { ExitCode } from "../ExitCode.js"
import { Output } from "../output/Output.js"
import { inline } from "../output/Text.js"
import { Refused } from "../Refused.js"
import { nothingYet, readStore } from "../store.js"
import * as options from "./options.js"
import { fileDetails } from "./show/FileDetails.js"
import { fileView } from "./show/FileView.js"

const unknown = (name: string) =>
  new Refused({
    code: ExitCode.failed,
    message: `No file matches ${inline(name)}.`,
    help: "Give a path, an item number or the start of a content hash; `spool ls` lists all files."
  })

export const show = Command.make(
  "show",
  {
    file: Args.text({ name: "file" }).pipe(
      Args.withDescription("Path, item number from `spool ls --json`, or start of a content hash")
    ),
    json: options.json,
    config: options.config
  },
  ({ config, file, json }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const found = yield* readStore(config, () =>
        Effect.catchTag(fileDetails(file), "LibraryError", (error) => Refused.of(error))
      )
      if (Option.isNone(found)) return yield* output.note(nothingYet)
      if (found.value.length === 0) return yield* unknown(file)
      for (const details of found.value) yield* output.value({ type: "file", ...details })
      if (!output.json) yield* output.print(found.value.map(fileView).join("\n\n"))
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Show all details of a file"))
