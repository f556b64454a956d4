import type { Rewired } from "@mediaspool/core"
import { Effect } from "effect"
import { Output, paint } from "./Output.js"
import { counted } from "./Quantity.js"

/** What is said of a pipeline before it pays for something that may not be expected. */
export interface Warning {
  readonly code: string
  readonly files: number
  readonly message: string
  readonly help: string
}

/** Files that an older Mediaspool left out. */
export const takenByContent = (files: number): Warning => ({
  code: "TakenByContent",
  files,
  message: `${counted(files, "new file")} without a media extension ${files === 1 ? "is" : "are"} taken, by content`,
  help: "To leave such files out, name what is taken in `source.include`, or what isn't in `source.exclude`."
})

/** A paid step whose results from before are not those of its inputs now. */
export const rewired = ({ files, gained, lost, node }: Rewired): Warning => {
  const takes = gained.length > 0 ? `takes ${gained.join(" and ")} now` : `takes ${lost.join(" and ")} no longer`
  return {
    code: "PaidAgain",
    files,
    message: `${node} ${takes}: what it sends of ${counted(files, "file")} that ${files === 1 ? "is" : "are"} done may change, and is then paid for again`,
    help: "`spool plan` says what a run would cost; `from` on the step says what it takes."
  }
}

export const text = (pipeline: string, { help, message }: Warning): string =>
  `${paint.yellow("!")} ${paint.bold(pipeline)}: ${message}.\n  ${help}`

export const value = (pipeline: string, warning: Warning): object => ({ type: "warning", pipeline, ...warning })

/** Says it to people and to programs. */
export const say = (pipeline: string, warning: Warning) =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* output.value(value(pipeline, warning))
    yield* output.note(text(pipeline, warning))
  })
