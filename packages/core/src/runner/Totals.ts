import { Record } from "effect"
import { total } from "../store/CallLog.js"
import type { StageTally, Summary } from "./Summary.js"

const sum = <K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>): Record<K, number> =>
  Record.map(a, (count, key) => count + b[key])

const none: StageTally = { ran: 0, cached: 0, skipped: 0, failed: 0, waiting: 0 }

const plus = (a: Summary, b: Summary): Summary => ({
  pipeline: a.pipeline,
  items: sum(a.items, b.items),
  stages: Object.fromEntries(
    [...new Set([...Object.keys(a.stages), ...Object.keys(b.stages)])].map((node) => [
      node,
      sum(a.stages[node] ?? none, b.stages[node] ?? none)
    ])
  ),
  cost: total([...a.cost, ...b.cost]),
  seconds: a.seconds + b.seconds,
  outcome: b.outcome
})

/** What the runs of each pipeline came to, taken together; in the order of their first runs. */
export const of = (summaries: ReadonlyArray<Summary>): ReadonlyArray<Summary> => {
  const byPipeline = new Map<string, Summary>()
  for (const summary of summaries) {
    const before = byPipeline.get(summary.pipeline)
    byPipeline.set(summary.pipeline, before === undefined ? summary : plus(before, summary))
  }
  return [...byPipeline.values()]
}
