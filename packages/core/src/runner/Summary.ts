import type { Money } from "../stage/Cost.js"

/** What became of one node over all items. */
export interface StageTally {
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
  /** By node, in the plan's order. */
  readonly stages: Readonly<Record<string, StageTally>>
  /** Paid in this run, one entry a currency. */
  readonly cost: ReadonlyArray<Money>
  readonly seconds: number
  /** `drained`: it was asked to stop, finished the steps that it had begun, and left what follows to the next run. */
  readonly outcome: "finished" | "drained"
}
