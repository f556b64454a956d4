import type { LoadedPlugin, Plan, Project } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode } from "../../ExitCode.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"

/** The node to try, and as much of its pipeline as it needs. */
export interface DevTarget {
  readonly plan: Plan.Plan
  readonly node: Plan.PlannedNode
  /** Other nodes that might have been meant. */
  readonly others: ReadonlyArray<string>
}

const usage = (message: string, help: string) => new Refused({ code: ExitCode.usage, message, help })

/** A plugin that is being worked on is named by its path. */
const isOwn = ({ from }: LoadedPlugin): boolean => from.startsWith(".") || from.startsWith("/")

/** The node and what it rests on, in the plan's order. */
const upTo = (plan: Plan.Plan, last: Plan.PlannedNode): Plan.Plan => {
  const needed = new Set<string>()
  const need = (name: string): void => {
    if (needed.has(name)) return
    needed.add(name)
    const node = plan.nodes.find((each) => each.name === name)
    for (const input of Object.values(node?.inputs ?? {}).flat()) need(input)
  }
  need("ingest")
  need(last.name)
  return { ...plan, nodes: plan.nodes.filter(({ name }) => needed.has(name)) }
}

/** The node that is meant: by its or its stage's name, or the first whose stage comes from a plugin that is worked on. */
export const find = ({ pipelines, registry }: Project.Project, wanted: string | undefined): Effect.Effect<DevTarget, Refused> =>
  Effect.suspend(() => {
    const own = new Set(registry.plugins.filter(isOwn).flatMap(({ plugin }) => plugin.stages.map(({ name }) => name)))
    const all = [...pipelines.values()].flatMap(({ plan }) => plan.nodes.map((node) => ({ plan, node })))
    const [first, ...others] = all.filter(({ node }) =>
      wanted === undefined ? own.has(node.stage.name) : node.name === wanted || node.stage.name === wanted
    )
    if (first !== undefined)
      return Effect.succeed({
        plan: upTo(first.plan, first.node),
        node: first.node,
        others: others.map(({ node }) => node.name)
      })
    return wanted === undefined
      ? usage(
          "No pipeline uses a stage from a local plugin.",
          "List your plugin by path (`plugins: [./src/index.ts]`) and use its stage in a pipeline, or name a node: `spool plugin dev NODE`."
        )
      : usage(
          `No pipeline has a node or stage '${inline(wanted)}'.`,
          `Nodes: ${[...new Set(all.map(({ node }) => `'${node.name}'`))].join(", ")}.`
        )
  })
