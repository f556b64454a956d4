import { Effect } from "effect"
import { ExitCode } from "./ExitCode.js"
import { Refused } from "./Refused.js"

/** Fails where the shell stands in a folder that was deleted or unmounted: no relative path means anything there, and Node refuses to name it. */
export const check: Effect.Effect<void, Refused> = Effect.try({
  try: () => void process.cwd(),
  catch: () =>
    new Refused({
      code: ExitCode.config,
      message: "The current folder is no longer there: it was deleted, replaced or unmounted.",
      help: "Change to a folder that exists, such as with `cd`, and try again."
    })
})
