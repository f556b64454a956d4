import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import type { StageFailure } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode } from "../ExitCode.js"
import { Output } from "../output/Output.js"
import { inline, place } from "../output/Text.js"
import { Refused } from "../Refused.js"
import { withStore } from "../store.js"
import * as options from "./options.js"
import { fileDetails } from "./show/FileDetails.js"

const refused = ({ help, message }: StageFailure) => new Refused({ code: ExitCode.failed, message, help })

const unknown = (name: string) =>
  new Refused({
    code: ExitCode.failed,
    message: `No file matches ${inline(name)}.`,
    help: "`spool ls` lists all files."
  })

export const forget = Command.make(
  "forget",
  {
    file: Args.text({ name: "file" }).pipe(
      Args.withDescription("Path, item number from `spool ls --json`, or start of a content hash")
    ),
    undo: Options.boolean("undo").pipe(Options.withDescription("Allow the file again; the next run adds it")),
    json: options.json,
    config: options.config
  },
  ({ config, file, json, undo }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const { Blocklist } = yield* Effect.promise(() => import("@mediaspool/plugins"))
      const { changed, found } = yield* withStore(
        config,
        Effect.gen(function* () {
          const details = yield* Effect.catchTag(fileDetails(file), "LibraryError", (error) => Refused.of(error))
          const found = [...new Set(details.flatMap(({ contentHash }) => contentHash ?? []))]
          const blocked = yield* Effect.mapError(Blocklist.among(found), refused)
          const changed = undo ? found.filter((hash) => blocked.has(hash)) : found
          for (const hash of changed) yield* Effect.mapError(undo ? Blocklist.remove(hash) : Blocklist.add(hash), refused)
          return { found, changed }
        })
      )
      if (found.length === 0) return yield* unknown(file)
      for (const contentHash of changed) yield* output.value({ type: undo ? "remembered" : "forgotten", contentHash })
      if (output.json) return
      if (changed.length === 0) return yield* output.print(`${place(file)} was not forgotten: there is nothing to undo.`)
      yield* output.print(
        undo
          ? `${place(file)} will be back in the library after the next run.`
          : `${place(file)} is removed from the library, and later runs skip it. The file itself is untouched; \`--undo\` reverses this.`
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Remove a file from the library for good; the file itself is not touched"))
