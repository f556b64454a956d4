import * as Command from "@effect/cli/Command"
import { WatchControl } from "@mediaspool/core"
import * as options from "./options.js"
import * as WatcherCommand from "./watch/WatcherCommand.js"

export const pause = Command.make("pause", options.watched, (asked) =>
  WatcherCommand.tell(asked, {
    type: "paused",
    done: "is paused: what has begun is finished, and nothing new is begun until `spool resume`",
    of: ({ pipeline }) => WatchControl.pause(pipeline)
  })
).pipe(Command.withDescription("Let the watcher begin nothing new, in all pipelines or in some, until they are resumed"))
