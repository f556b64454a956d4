import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import type { StageFailure } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode, Refused } from "../ExitCode.js"
import * as Failed from "../Failed.js"
import { mend } from "../mending/Mender.js"
import { Output } from "../Output.js"
import { fileDetails } from "../reading/FileDetails.js"
import { inline, place } from "../render/Text.js"
import * as Common from "./Common.js"

const refused = ({ help, message }: StageFailure) => new Refused({ code: ExitCode.failed, message, help })

const unknown = (name: string) =>
  new Refused({
    code: ExitCode.failed,
    message: `Nothing is known of ${inline(name)}.`,
    help: "`spool ls` lists what is known."
  })

export const forget = Command.make(
  "forget",
  {
    file: Args.text({ name: "file" }).pipe(
      Args.withDescription("A path, the number that `spool ls --json` gives, or the beginning of a content hash")
    ),
    undo: Options.boolean("undo").pipe(Options.withDescription("Let it in again: the next run writes its rows")),
    json: Common.json,
    config: Common.config
  },
  ({ config, file, json, undo }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const { Forgetting } = yield* Effect.promise(() => import("@mediaspool/plugins"))
      const hashes = yield* mend(
        config,
        Effect.gen(function* () {
          const details = yield* Effect.catchTag(fileDetails(file), "LibraryError", (error) => Failed.refused(error))
          const found = [...new Set(details.flatMap(({ contentHash }) => contentHash ?? []))]
          for (const hash of found) yield* Effect.mapError(undo ? Forgetting.remember(hash) : Forgetting.forget(hash), refused)
          return found
        })
      )
      if (hashes.length === 0) return yield* unknown(file)
      for (const contentHash of hashes) yield* output.value({ type: undo ? "remembered" : "forgotten", contentHash })
      if (output.json) return
      yield* output.print(
        undo
          ? `${place(file)} comes back with the next run.`
          : `${place(file)} is out of the library, and no run brings it back. The file itself is untouched; \`--undo\` lets it in again.`
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Take a file out of the library for good; the file itself is not touched"))
