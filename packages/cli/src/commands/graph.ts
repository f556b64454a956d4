import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Plan } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { ExitCode } from "../ExitCode.js"
import { Output } from "../output/Output.js"
import { inline } from "../output/Text.js"
import { loadProject } from "../project.js"
import { Refused } from "../Refused.js"
import * as options from "./options.js"

type Node = Plan.PlannedNode

/** Which nodes a node waits for, in the order of its ports, each once. */
const before = ({ inputs }: Node): ReadonlyArray<string> => [...new Set(Object.values(inputs).flat())]

const title = ({ name, stage }: Node): string => (stage.name === name ? name : `${name} (${stage.name})`)

/** A flowchart for Markdown pages, with the kinds on the arrows. */
const mermaid = (plan: Plan.Plan): string => {
  // Own ids: a node may be called `end`, which Mermaid reads as its own word.
  const id = new Map([Plan.SOURCE, ...plan.nodes.map(({ name }) => name)].map((name, i) => [name, `n${i}`]))
  const kind = new Map(plan.nodes.map(({ name, stage }) => [name, stage.output._tag]))
  const arrows = plan.nodes.flatMap((node) =>
    before(node).map((from) => {
      const label = kind.get(from)
      return `  ${id.get(from)} -->${label === undefined ? "" : `|${label}|`} ${id.get(node.name)}`
    })
  )
  return [
    "flowchart LR",
    `  ${id.get(Plan.SOURCE)}([files])`,
    ...plan.nodes.map((node) => `  ${id.get(node.name)}["${title(node)}"]`),
    ...arrows
  ].join("\n")
}

/** A line a node, with what it takes and gives. */
const text = (plan: Plan.Plan): string => {
  const width = Math.max(...plan.nodes.map((node) => title(node).length))
  const gives = Math.max(...plan.nodes.map(({ stage }) => stage.output._tag.length))
  return [
    plan.pipeline,
    ...plan.nodes.map((node) => {
      const from = before(node).map((name) => (name === Plan.SOURCE ? "files" : name))
      return `  ${title(node).padEnd(width)}  → ${node.stage.output._tag.padEnd(gives)}  ← ${from.join(", ")}`
    })
  ].join("\n")
}

const value = ({ nodes, pipeline }: Plan.Plan): object => ({
  type: "graph",
  pipeline,
  nodes: nodes.map(({ inputs, name, stage }) => ({ name, stage: stage.name, gives: stage.output._tag, inputs }))
})

export const graph = Command.make(
  "graph",
  {
    pipeline: Args.text({ name: "pipeline" }).pipe(Args.optional, Args.withDescription("Pipeline to draw; default: all")),
    format: Options.choice("format", ["text", "mermaid"]).pipe(
      Options.withDefault("text"),
      Options.withDescription("Output format; Markdown viewers draw `mermaid`")
    ),
    json: options.json,
    config: options.config
  },
  ({ config, format, json, pipeline }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const { pipelines } = yield* loadProject(config)
      const asked = Option.match(pipeline, { onNone: () => [...pipelines.keys()], onSome: (name) => [name] })
      const plans = yield* Effect.forEach(asked, (name) => {
        const planned = pipelines.get(name)
        return planned === undefined
          ? new Refused({
              code: ExitCode.usage,
              message: `No pipeline named '${inline(name)}'.`,
              help: `The config has ${[...pipelines.keys()].map((known) => `'${known}'`).join(", ")}.`
            })
          : Effect.succeed(planned.plan)
      })
      yield* Effect.forEach(plans, (plan) => output.value(value(plan)), { discard: true })
      if (!json) yield* output.print(plans.map(format === "mermaid" ? mermaid : text).join("\n\n"))
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Draw a pipeline: its nodes, inputs and outputs"))
