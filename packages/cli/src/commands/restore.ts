import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { FileSystem } from "@effect/platform"
import { restore as restoreTo } from "@mediaspool/core"
import { Effect } from "effect"
import { join, resolve } from "node:path"
import * as Diagnostics from "../Diagnostics.js"
import { ExitCode } from "../ExitCode.js"
import { Output } from "../output/Output.js"
import { inline, place } from "../output/Text.js"
import { stateFolder } from "../project.js"
import { Refused } from "../Refused.js"
import * as options from "./options.js"

const stale = (folder: string, message: string) =>
  new Refused({
    code: ExitCode.failed,
    message: `The database is restored, but the index of the one before can't be removed: ${inline(message)}`,
    help: `Remove vectors.db, vectors.db-wal and vectors.db-shm from ${place(folder)}: the next search makes them again.`
  })

/** Puts a backup in the database's place. */
export const restore = Command.make(
  "restore",
  {
    from: Args.text({ name: "file" }).pipe(Args.withDescription("A file that `spool backup` wrote; it is only read")),
    json: options.json,
    config: options.config
  },
  ({ config, from, json }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const fs = yield* FileSystem.FileSystem
      const folder = yield* Effect.catchTag(stateFolder(config), "ConfigError", Diagnostics.refuse)
      const { artifacts, missingArtifacts, replaced } = yield* restoreTo(resolve(from), folder).pipe(
        Effect.catchTag("StoreError", (error) => Effect.fail(Refused.of(error, place(folder))))
      )
      // Of the database that was there: the next search makes it again.
      for (const part of ["", "-wal", "-shm"])
        yield* Effect.mapError(fs.remove(join(folder, `vectors.db${part}`), { force: true }), ({ message }) =>
          stale(folder, message)
        )
      yield* output.value({ type: "restored", file: resolve(from), replaced: replaced ?? null, artifacts, missingArtifacts })
      if (output.json) return
      yield* output.print(
        replaced === undefined
          ? `Database restored from ${place(resolve(from))}.`
          : `Database restored from ${place(resolve(from))}. The one before is kept as ${place(replaced)}.`
      )
      yield* output.print(
        missingArtifacts === 0
          ? "Every file that its results name is in the state folder: the next run makes nothing again."
          : `${missingArtifacts} of ${artifacts} files made by stages are missing: copy artifacts/ back, or the next run makes them again; recorded API calls are reused.`
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Replace the database with a backup; the current one is kept"))
