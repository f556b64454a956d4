import { eraseStage, Library, type Plan, type Project } from "@mediaspool/core"
import type { Site } from "@mediaspool/server"
import { BigDecimal, Effect } from "effect"
import * as PluginServices from "../../PluginServices.js"
import { byModel, corrected, totalCost } from "../plan/RunForecast.js"
import * as SeenTokens from "../plan/SeenTokens.js"

/** A node, and those that rest on its word. */
const from = ({ nodes }: Plan.Plan, name: string): ReadonlyArray<Plan.PlannedNode> => {
  const found = new Set([name])
  // Each stands after the nodes that it needs.
  for (const node of nodes)
    if (
      Object.values(node.inputs)
        .flat()
        .some((input) => found.has(input))
    )
      found.add(node.name)
  return nodes.filter((node) => found.has(node.name))
}

/** What a node's stage expects to ask, with its own plugin's services alone; nothing where these don't do. */
const estimated = (project: Project.Project, { config, stage }: Plan.PlannedNode, seconds: number) => {
  const registered = [...project.registry.stages.values()].find((one) => one.stage === stage)
  const estimate = eraseStage(stage).estimate
  return registered === undefined || estimate === undefined
    ? Effect.succeed([])
    : estimate({ seconds }, config).pipe(
        Effect.provide(PluginServices.layer(project, registered.plugin)),
        Effect.catchAllCause((cause) => Effect.as(Effect.logDebug(cause), []))
      )
}

/** What it would take to ask a node again about a file, and every node that rests on its word: by the stages' own estimates. */
export const of: Site["Type"]["price"] = ({ node, pipeline, project, seconds }) =>
  Effect.gen(function* () {
    const plan = project.pipelines.get(pipeline)?.plan
    const library = yield* Library
    const tokens = SeenTokens.of(yield* library.read({ sql: SeenTokens.LATEST, values: [] }))
    const all = yield* Effect.forEach(plan === undefined ? [] : from(plan, node), (one) =>
      Effect.map(estimated(project, one, seconds), (calls) =>
        calls.map((call) => corrected(one.name, call, 1, { milliseconds: new Map(), tokens }))
      )
    )
    const models = byModel(all.flat())
    return {
      requests: models.reduce((sum, { requests }) => sum + requests, 0),
      cost: totalCost(models).map(({ amount, currency }) => ({
        currency,
        amount: BigDecimal.format(BigDecimal.normalize(amount))
      })),
      unpriced: models.reduce((sum, { cost, requests }) => sum + (cost === undefined ? requests : 0), 0)
    }
  })
