import * as Command from "@effect/cli/Command"
import { type WatchError, WatchControl, WatchLock } from "@mediaspool/core"
import { Effect, Option, Schedule } from "effect"
import { ExitCode } from "../ExitCode.js"
import { Output } from "../output/Output.js"
import { Refused } from "../Refused.js"
import { withStore } from "../store.js"
import * as options from "./options.js"

/** Somebody who asks for an end wants to know when it has come. */
const ask = "250 millis"

const refused = ({ help, message }: WatchError) => new Refused({ code: ExitCode.failed, message, help })

export const drain = Command.make("drain", { json: options.json, config: options.config }, ({ config, json }) =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* withStore(
      config,
      Effect.gen(function* () {
        const { name, owner, pid } = yield* Effect.catchTag(WatchControl.drain, "WatchError", refused)
        yield* output.note(`Waiting for the watcher (${name}) to finish its current work …`)
        const isOver = Effect.map(WatchLock.holder, Option.match({ onNone: () => true, onSome: (now) => now.owner !== owner }))
        yield* Effect.repeat(isOver, { until: (over) => over, schedule: Schedule.spaced(ask) })
        yield* output.value({ type: "drained", pid })
        if (!json) yield* output.print("The watcher has stopped.")
      })
    )
  }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Stop the watcher after its current work, and wait for it"))
