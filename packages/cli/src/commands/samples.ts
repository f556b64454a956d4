import { FileSystem, Path } from "@effect/platform"
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { makeFolder } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode } from "../ExitCode.js"
import { Output, paint } from "../output/Output.js"
import { place } from "../output/Text.js"
import { Refused } from "../Refused.js"
import * as options from "./options.js"

const failed = ({ message }: { readonly message: string }) =>
  new Refused({ code: ExitCode.failed, message, help: "Check the folder's permissions and free disk space." })

export const samples = Command.make(
  "samples",
  {
    names: Args.text({ name: "name" }).pipe(
      Args.repeated,
      Args.withDescription("Only these: drums, tone, video …; default: all")
    ),
    into: Options.directory("into", { exists: "either" }).pipe(
      Options.withDefault("."),
      Options.withDescription("Destination folder; default: this one")
    ),
    json: options.json
  },
  ({ into, json, names }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const Sample = yield* Effect.promise(() => import("./samples/Sample.js"))
      const wanted = names.length === 0 ? Sample.all : yield* Effect.forEach(names, Sample.named)
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const folder = path.resolve(into)
      yield* Effect.try({ try: () => makeFolder(folder), catch: (cause) => failed({ message: String(cause) }) })
      // A file that is there may be somebody's own.
      const made = yield* Effect.filter(wanted, ({ bytes, file }) =>
        fs.writeFile(path.join(folder, file), bytes(), { flag: "wx" }).pipe(
          Effect.as(true),
          Effect.catchIf(
            (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
            () => Effect.succeed(false)
          ),
          Effect.mapError(failed)
        )
      )
      const files = made.map(({ file }) => file)
      const left = wanted.length - made.length
      yield* output.print(
        `${paint.green("✓")} ${place(folder)}: ${[...files, ...(left === 0 ? [] : [`${left} exist already`])].join(", ")}`
      )
      yield* output.value({ type: "samples", folder, files })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Generate sample audio and video (synthetic, free of rights)"))
