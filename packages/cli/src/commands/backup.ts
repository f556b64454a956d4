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
    to: Args.text({ name: "file" }).pipe(Args.withDescription("Where the copy goes; one that is there is replaced")),
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
          `The database is in ${place(file)}. Files that stages made are in the state folder's artifacts/: copy that too.`
        )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Copy the database, also while a run or a watcher goes on"))
