import { Array } from "effect"
import type { Money } from "../stage/Cost.js"
import { total } from "../store/CallLog.js"
import type { State } from "../store/Items.js"
import type { StageTally, Summary } from "./Summary.js"

export type NodeOutcome = keyof StageTally

/** Counts while a run goes on. */
export interface Tally {
  readonly node: (index: number, outcome: NodeOutcome) => void
  /** A node that was counted has to be counted anew. */
  readonly retract: (index: number, outcome: NodeOutcome) => void
  /** An item's end is on disk. */
  readonly item: (state: State) => void
  /** Files that are as they were, and done: each of their nodes has its result. */
  readonly unchanged: (count: number) => void
  readonly paid: (price: Money) => void
  readonly cost: () => ReadonlyArray<Money>
  readonly summary: (outcome: Summary["outcome"], seconds: number) => Summary
}

export const make = (pipeline: string, nodes: ReadonlyArray<string>): Tally => {
  const items = { total: 0, done: 0, failed: 0, waiting: 0 }
  const stages = nodes.map(() => ({ ran: 0, cached: 0, skipped: 0, failed: 0, waiting: 0 }))
  let prices: ReadonlyArray<Money> = []
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
    paid: (price) => {
      prices = total([...prices, price])
    },
    cost: () => prices,
    summary: (outcome, seconds) => ({
      pipeline,
      items: { ...items },
      stages: Object.fromEntries(Array.zip(nodes, stages).map(([node, stage]) => [node, { ...stage }])),
      cost: prices,
      seconds,
      outcome
    })
  }
}
