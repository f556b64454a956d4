import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import type { Plan } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { ExitCode, Refused } from "../ExitCode.js"
import { Output } from "../Output.js"
import { mermaid, text } from "../render/Graph.js"
import { inline } from "../render/Text.js"
import * as Common from "./Common.js"

const value = ({ nodes, pipeline }: Plan.Plan): object => ({
  type: "graph",
  pipeline,
  nodes: nodes.map(({ inputs, name, stage }) => ({ name, stage: stage.name, gives: stage.output._tag, inputs }))
})

export const graph = Command.make(
  "graph",
  {
    pipeline: Args.text({ name: "pipeline" }).pipe(Args.optional, Args.withDescription("Default: all of them")),
    format: Options.choice("format", ["text", "mermaid"]).pipe(
      Options.withDefault("text"),
      Options.withDescription("`mermaid` is drawn by Markdown viewers")
    ),
    json: Common.json,
    config: Common.config
  },
  ({ config, format, json, pipeline }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const { pipelines } = yield* Common.project(config)
      const asked = Option.match(pipeline, { onNone: () => [...pipelines.keys()], onSome: (name) => [name] })
      const plans = yield* Effect.forEach(asked, (name) => {
        const planned = pipelines.get(name)
        return planned === undefined
          ? new Refused({
              code: ExitCode.usage,
              message: `There is no pipeline '${inline(name)}'.`,
              help: `The config has ${[...pipelines.keys()].map((known) => `'${known}'`).join(", ")}.`
            })
          : Effect.succeed(planned.plan)
      })
      yield* Effect.forEach(plans, (plan) => output.value(value(plan)), { discard: true })
      if (!json) yield* output.print(plans.map(format === "mermaid" ? mermaid : text).join("\n\n"))
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Draw a pipeline: its steps, what each takes and gives"))
