import { Array, Record } from "effect"
import type { Money, Usage } from "../stage/Cost.js"
import type { IgnoredCounts } from "../scan/IgnoredReason.js"
import * as IgnoredReason from "../scan/IgnoredReason.js"
import { decimal, total } from "../store/CallLog.js"
import type { State } from "../store/Items.js"
import type { Costs } from "../store/RunProgress.js"

/** What became of one node over all items. */
export interface NodeCounts {
  readonly ran: number
  readonly cached: number
  readonly skipped: number
  readonly failed: number
  readonly waiting: number
}

/** What a run came to. */
export interface Summary {
  readonly pipeline: string
  readonly items: { readonly total: number; readonly done: number; readonly failed: number; readonly waiting: number }
  /** Files of the source folder that are no media, by what they are instead. */
  readonly ignored: IgnoredCounts
  /** By node, in the plan's order. */
  readonly stages: Readonly<Record<string, NodeCounts>>
  /** Paid in this run, one entry a currency. */
  readonly cost: ReadonlyArray<Money>
  /** Requests that were answered in this run, and their tokens. */
  readonly requests?: number
  readonly tokens?: { readonly input: number; readonly output: number }
  readonly seconds: number
  /** Budgets that hold work back, by name. */
  readonly waitingFor?: ReadonlyArray<string>
  /** Nodes whose edits are on trial: their results from before were served. */
  readonly canaries?: ReadonlyArray<string>
  /** `drained`: it was asked to stop, finished the steps that it had begun, and left what follows to the next run. */
  readonly outcome: "finished" | "drained"
}

/** How a node ended for a file. */
export type NodeStatus = keyof NodeCounts

/** Counts while a run goes on. */
export interface RunStats {
  readonly node: (index: number, outcome: NodeStatus) => void
  /** A node that was counted has to be counted anew. */
  readonly retract: (index: number, outcome: NodeStatus) => void
  /** An item's end is on disk. */
  readonly item: (state: State) => void
  /** Files that are as they were, and done: each of their nodes has its result. */
  readonly unchanged: (count: number) => void
  readonly ignored: (counts: IgnoredCounts) => void
  /** A request was answered. */
  readonly answered: (index: number, usage: Usage | undefined, price: Money | undefined) => void
  /** What each node's calls cost: decimal strings by currency; nodes that cost nothing are left out. */
  readonly costs: () => Readonly<Record<string, Costs>>
  /** Files that have ended. */
  readonly ended: () => number
  readonly summary: (outcome: Summary["outcome"], seconds: number) => Summary
}

export const make = (pipeline: string, nodes: ReadonlyArray<string>): RunStats => {
  const items = { total: 0, done: 0, failed: 0, waiting: 0 }
  const stages = nodes.map(() => ({ ran: 0, cached: 0, skipped: 0, failed: 0, waiting: 0 }))
  let prices: ReadonlyArray<Money> = []
  let requests = 0
  const tokens = { input: 0, output: 0 }
  const byNode = new Map<number, ReadonlyArray<Money>>()
  let ignored: IgnoredCounts = {}
  const end = (state: State, count: number) => {
    items.total += count
    items[state] += count
  }
  return {
    node: (index, outcome) => {
      const stage = stages[index]
      if (stage !== undefined) stage[outcome]++
    },
    retract: (index, outcome) => {
      const stage = stages[index]
      if (stage !== undefined) stage[outcome]--
    },
    item: (state) => end(state, 1),
    unchanged: (count) => {
      end("done", count)
      for (const stage of stages) stage.cached += count
    },
    ignored: (counts) => {
      ignored = IgnoredReason.sum(ignored, counts)
    },
    answered: (index, usage, price) => {
      requests += 1
      tokens.input += usage?.inputTokens ?? 0
      tokens.output += usage?.outputTokens ?? 0
      if (price === undefined) return
      prices = total([...prices, price])
      byNode.set(index, total([...(byNode.get(index) ?? []), price]))
    },
    costs: () =>
      Object.fromEntries(
        [...byNode].map(([index, amounts]) => [
          nodes[index] ?? "",
          Object.fromEntries(amounts.map((money) => [money.currency, decimal(money) ?? "0"]))
        ])
      ),
    ended: () => items.total,
    summary: (outcome, seconds) => ({
      pipeline,
      items: { ...items },
      ignored,
      stages: Object.fromEntries(Array.zip(nodes, stages).map(([node, stage]) => [node, { ...stage }])),
      cost: prices,
      requests,
      tokens: { ...tokens },
      seconds,
      outcome
    })
  }
}

const sum = <K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>): Record<K, number> =>
  Record.map(a, (count, key) => count + b[key])

const none: NodeCounts = { ran: 0, cached: 0, skipped: 0, failed: 0, waiting: 0 }

const plus = (a: Summary, b: Summary): Summary => ({
  pipeline: a.pipeline,
  items: sum(a.items, b.items),
  // Each run has looked through the whole folder.
  ignored: b.ignored,
  stages: Object.fromEntries(
    [...new Set([...Object.keys(a.stages), ...Object.keys(b.stages)])].map((node) => [
      node,
      sum(a.stages[node] ?? none, b.stages[node] ?? none)
    ])
  ),
  cost: total([...a.cost, ...b.cost]),
  requests: (a.requests ?? 0) + (b.requests ?? 0),
  tokens: sum(a.tokens ?? { input: 0, output: 0 }, b.tokens ?? { input: 0, output: 0 }),
  seconds: a.seconds + b.seconds,
  waitingFor: b.waitingFor ?? [],
  canaries: b.canaries ?? [],
  outcome: b.outcome
})

/** What the runs of each pipeline came to, taken together; in the order of their first runs. */
export const combine = (summaries: ReadonlyArray<Summary>): ReadonlyArray<Summary> => {
  const byPipeline = new Map<string, Summary>()
  for (const summary of summaries) {
    const before = byPipeline.get(summary.pipeline)
    byPipeline.set(summary.pipeline, before === undefined ? summary : plus(before, summary))
  }
  return [...byPipeline.values()]
}
