import * as Command from "@effect/cli/Command"
import { WatchControl } from "@mediaspool/core"
import * as options from "./options.js"
import * as WatcherCommand from "./watch/WatcherCommand.js"

export const pause = Command.make("pause", options.watched, (asked) =>
  WatcherCommand.tell(asked, {
    type: "paused",
    done: "is paused: current work finishes, nothing new starts until `spool resume`",
    of: ({ pipeline }) => WatchControl.pause(pipeline)
  })
).pipe(Command.withDescription("Pause the watcher: finish current work, start nothing new"))
