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
  message: "Which failures? `--failed` takes all of them; `--stage`, `--code` and `--pipeline` choose.",
  help: "`spool errors` lists them with the same options."
})

export const requeue = Command.make(
  "requeue",
  {
    failed: Options.boolean("failed").pipe(
      Options.withDescription("Everything that failed or waits, narrowed by the other options")
    ),
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
          ? "No failure is like that."
          : `${counted(done.items, "file")} will be tried again by the next run, or by the watcher's next look.${
              done.calls === 0 ? "" : ` ${counted(done.calls, "call")} whose outcome is unknown will be paid for again.`
            }`
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Try again what failed"))
