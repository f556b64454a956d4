import * as Command from "@effect/cli/Command"
import { WatchControl } from "@mediaspool/core"
import { Effect } from "effect"
import * as options from "./options.js"
import * as WatcherCommand from "./watch/WatcherCommand.js"

export const resume = Command.make("resume", options.watched, (asked) =>
  WatcherCommand.tell(asked, {
    type: "resumed",
    done: "is running again",
    of: ({ pipeline, source }) => (source === undefined ? Effect.void : WatchControl.resume(pipeline, source.folder))
  })
).pipe(Command.withDescription("Resume a paused or stopped pipeline; confirms a mass deletion"))
