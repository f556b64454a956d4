import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { requeue as tryAgain, WatchControl } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode } from "../ExitCode.js"
import { Output } from "../output/Output.js"
import { counted } from "../output/Quantity.js"
import { Refused } from "../Refused.js"
import { withStore } from "../store.js"
import * as options from "./options.js"

const unsaid = new Refused({
  code: ExitCode.usage,
  message: "Which failures? `--failed` means all; `--stage`, `--code` and `--pipeline` select.",
  help: "`spool errors` lists them with the same options."
})

export const requeue = Command.make(
  "requeue",
  {
    failed: Options.boolean("failed").pipe(Options.withDescription("All failed and waiting files; other options narrow it")),
    ...options.failureFilter,
    json: options.json,
    config: options.config
  },
  ({ config, failed, json, ...filter }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const chosen = options.failureFilterOf(filter)
      if (!failed && Object.values(chosen).every((value) => value === undefined)) return yield* unsaid
      const done = yield* withStore(config, Effect.zipLeft(tryAgain(chosen), WatchControl.rescan))
      yield* output.value({ type: "requeued", ...done })
      if (output.json) return
      yield* output.print(
        done.items === 0
          ? "No matching failures."
          : `${counted(done.items, "file")} will be retried by the next run or scan.${
              done.calls === 0 ? "" : ` ${counted(done.calls, "call")} with unknown outcome will be paid again.`
            }`
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Retry failed files in the next run"))
