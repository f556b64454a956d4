import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { explain, type RunReason } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { resolve } from "node:path"
import { ExitCode } from "../ExitCode.js"
import { Output, paint } from "../output/Output.js"
import { inline } from "../output/Text.js"
import { Refused } from "../Refused.js"
import { nothingYet, readStore } from "../store.js"
import * as options from "./options.js"

const time = (millis: number): string => new Date(millis).toISOString().replace("T", " ").slice(0, 19)

const inWords = ({ before, changes, code, node, outcome, ranAt }: RunReason): string => {
  const head = `${paint.bold(node)} last ran ${time(ranAt)} UTC: ${outcome}${code === undefined ? "" : ` (${code})`}.`
  if (before === undefined) return `${head}\nIt ran because there was no result for this content and config.`
  if (changes.length === 0) return `${head}\nIt ran before, ${time(before)} UTC; the earlier key was not kept.`
  // A digest says nothing to a person where what it stands for is named.
  const named = changes.filter(({ part }) => !changes.some((other) => other.part.startsWith(`${part}.`)))
  const lines = named.map(
    (change) =>
      `  ${change.part}  ${paint.red(inline(change.before ?? "its default"))} → ${paint.green(inline(change.after ?? "its default"))}`
  )
  return `${head}\nChanged in its key since ${time(before)} UTC:\n${lines.join("\n")}`
}

const unknown = (file: string, stage: string) =>
  new Refused({
    code: ExitCode.failed,
    message: `${inline(stage)} has never run for ${inline(file)}.`,
    help: "`spool show FILE` lists what ran. A cached result needs no run."
  })

export const why = Command.make(
  "why",
  {
    file: Args.text({ name: "file" }).pipe(Args.withDescription("Path of the file")),
    stage: Args.text({ name: "stage" }).pipe(Args.withDescription("Node or stage")),
    json: options.json,
    config: options.config
  },
  ({ config, file, json, stage }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const found = yield* readStore(config, () => explain(resolve(file), stage))
      if (Option.isNone(found)) return yield* output.note(nothingYet)
      if (found.value.length === 0) return yield* unknown(file, stage)
      for (const explanation of found.value) {
        yield* output.value({ type: "explanation", ...explanation })
        if (!output.json) yield* output.print(inWords(explanation))
      }
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Explain why a stage ran again for a file"))
