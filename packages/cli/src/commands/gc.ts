import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Garbage } from "@mediaspool/core"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import { bytes, counted } from "../output/Quantity.js"
import { withStore } from "../store.js"
import * as options from "./options.js"

export const gc = Command.make(
  "gc",
  {
    remove: Options.boolean("remove").pipe(Options.withDescription("Delete the files; without it they are only counted")),
    json: options.json,
    config: options.config
  },
  ({ config, json, remove }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const garbage = yield* withStore(
        config,
        Effect.tap(Garbage.find, (files) => (remove ? Garbage.remove(files) : Effect.void))
      )
      const size = garbage.reduce((sum, file) => sum + file.size, 0)
      yield* output.value({ type: "garbage", files: garbage.length, bytes: size, removed: remove })
      if (output.json) return
      const what = `${counted(garbage.length, "unused file")} (${bytes(size)})`
      yield* output.print(
        garbage.length === 0 ? "No unused files." : remove ? `Removed ${what}.` : `${what}. \`spool gc --remove\` removes them.`
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Find unused files in the state folder"))
