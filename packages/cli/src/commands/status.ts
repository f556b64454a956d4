import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { Effect, Option } from "effect"
import { Output } from "../output/Output.js"
import { statusText, statusValue, watchingValue } from "../output/StatusView.js"
import { readStore, nothingYet } from "../store.js"
import { unknownName } from "../unknownName.js"
import * as options from "./options.js"
import { look } from "./status/RunLook.js"

export const status = Command.make(
  "status",
  {
    pipeline: Args.text({ name: "pipeline" }).pipe(Args.optional, Args.withDescription("Only this pipeline; default: all")),
    json: options.json,
    config: options.config
  },
  ({ config, json, pipeline }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const name = Option.getOrUndefined(pipeline)
      const found = yield* readStore(config, (database) =>
        Effect.map(look(name), (seen) => ({
          ...seen,
          unknown: seen.runs.length === 0 ? unknownName(database, { pipeline: name }) : undefined
        }))
      )
      if (Option.isNone(found)) return yield* output.note(nothingYet)
      const { runs, unknown, watching } = found.value
      for (const run of runs) yield* output.value(statusValue(run))
      yield* output.value(watchingValue(watching))
      if (output.json) return
      yield* output.print(runs.length === 0 ? (unknown ?? nothingYet) : statusText(runs, watching, Date.now()))
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Show the state of the current run, or of the last one"))
