import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { backUp } from "@mediaspool/core"
import { Effect } from "effect"
import { resolve } from "node:path"
import { Output } from "../output/Output.js"
import { place } from "../output/Text.js"
import { withStore } from "../store.js"
import * as options from "./options.js"

export const backup = Command.make(
  "backup",
  {
    to: Args.text({ name: "file" }).pipe(Args.withDescription("Destination file; overwritten if it is an earlier backup")),
    json: options.json,
    config: options.config
  },
  ({ config, json, to }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const file = resolve(to)
      yield* withStore(config, backUp(file))
      yield* output.value({ type: "backup", file })
      if (!output.json)
        yield* output.print(
          `Database copied to ${place(file)}. Files made by stages are in the state folder's artifacts/: copy that too.`
        )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Copy the database; works during a run"))
