import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Items } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { Output } from "../Output.js"
import { nothingYet, read } from "../reading/Reader.js"
import { failureTable } from "../render/FailureTable.js"
import * as Common from "./Common.js"
import { filter, filterOf } from "./FailureFilter.js"

export const errors = Command.make(
  "errors",
  {
    ...filter,
    all: Options.boolean("all").pipe(Options.withDescription("Name every file, not only the first ten of a code")),
    json: Common.json,
    config: Common.config
  },
  ({ all, config, json, ...options }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const found = yield* read(config, () => Effect.flatMap(Items, (items) => items.failures(filterOf(options))))
      if (Option.isNone(found)) return yield* output.note(nothingYet)
      for (const { key: _, ...failure } of found.value) yield* output.value({ type: "failure", ...failure })
      if (output.json) return
      yield* output.print(
        found.value.length === 0
          ? "Nothing failed, and nothing waits."
          : failureTable(found.value, "`spool errors --all`", all ? Infinity : undefined)
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Show what failed or waits, why, and what to do about it"))
