import * as Command from "@effect/cli/Command"
import { WatchControl } from "@mediaspool/core"
import { Effect } from "effect"
import * as Common from "./Common.js"
import * as Wish from "./Wish.js"

export const resume = Command.make("resume", Common.watched, (asked) =>
  Wish.tell(asked, {
    type: "resumed",
    done: "goes on",
    of: ({ pipeline, source }) => (source === undefined ? Effect.void : WatchControl.resume(pipeline, source.folder))
  })
).pipe(
  Command.withDescription(
    "Let the watcher go on after a pause, after a setting was mended, or when what vanished from a folder is really gone"
  )
)
