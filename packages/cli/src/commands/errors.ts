import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Items } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { failureTable } from "../output/FailureTable.js"
import { Output } from "../output/Output.js"
import { nothingYet, readStore } from "../store.js"
import { unknownName } from "../unknownName.js"
import * as options from "./options.js"

export const errors = Command.make(
  "errors",
  {
    ...options.failureFilter,
    all: Options.boolean("all").pipe(Options.withDescription("List every file, not just the first ten per error code")),
    json: options.json,
    config: options.config
  },
  ({ all, config, json, ...filter }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const chosen = options.failureFilterOf(filter)
      const found = yield* readStore(config, (database) =>
        Effect.gen(function* () {
          const failures = yield* (yield* Items).failures(chosen)
          return { failures, unknown: failures.length === 0 ? unknownName(database, chosen) : undefined }
        })
      )
      if (Option.isNone(found)) return yield* output.note(nothingYet)
      const { failures, unknown } = found.value
      for (const { key: _, ...failure } of failures) yield* output.value({ type: "failure", ...failure })
      if (output.json) return
      yield* output.print(
        failures.length === 0
          ? Object.values(chosen).every((value) => value === undefined)
            ? "No files failed, and none are waiting."
            : (unknown ?? "No matching failures.")
          : failureTable(failures, "`spool errors --all`", all ? Infinity : undefined)
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("List failed and waiting files with cause and remedy"))
