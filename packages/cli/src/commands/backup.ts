import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { backUp } from "@mediaspool/core"
import { Effect } from "effect"
import { resolve } from "node:path"
import { mend } from "../mending/Mender.js"
import { Output } from "../Output.js"
import { place } from "../render/Text.js"
import * as Common from "./Common.js"

export const backup = Command.make(
  "backup",
  {
    to: Args.text({ name: "file" }).pipe(Args.withDescription("Where the copy goes; one that is there is replaced")),
    json: Common.json,
    config: Common.config
  },
  ({ config, json, to }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const file = resolve(to)
      yield* mend(config, backUp(file))
      yield* output.value({ type: "backup", file })
      if (!output.json)
        yield* output.print(
          `The database is in ${place(file)}. Files that stages made are in the state folder's artifacts/: copy that too.`
        )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Copy the database, also while a run or a watcher goes on"))
