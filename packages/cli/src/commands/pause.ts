import * as Command from "@effect/cli/Command"
import { WatchControl } from "@mediaspool/core"
import * as Common from "./Common.js"
import * as Wish from "./Wish.js"

export const pause = Command.make("pause", Common.watched, (asked) =>
  Wish.tell(asked, {
    type: "paused",
    done: "is paused: what has begun is finished, and nothing new is begun until `spool resume`",
    of: ({ pipeline }) => WatchControl.pause(pipeline)
  })
).pipe(Command.withDescription("Let the watcher begin nothing new, in all pipelines or in some, until they are resumed"))
