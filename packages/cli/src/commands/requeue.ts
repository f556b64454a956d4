import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { requeue as tryAgain, WatchControl } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode, Refused } from "../ExitCode.js"
import { mend } from "../mending/Mender.js"
import { Output } from "../Output.js"
import { counted } from "../render/Quantity.js"
import * as Common from "./Common.js"
import { filter, filterOf } from "./FailureFilter.js"

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
    ...filter,
    json: Common.json,
    config: Common.config
  },
  ({ config, failed, json, ...options }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const chosen = filterOf(options)
      if (!failed && Object.values(chosen).every((value) => value === undefined)) return yield* unsaid
      const done = yield* mend(config, Effect.zipLeft(tryAgain(chosen), WatchControl.rescan))
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
