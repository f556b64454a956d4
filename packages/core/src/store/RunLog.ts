import { Context, type Effect } from "effect"
import type { Money, Usage } from "../stage/Cost.js"
import type { StageFailure } from "../stage/Failure.js"
import type { StoreError } from "./StoreError.js"

/** One try of one node for one item. */
export interface AttemptRow {
  readonly run: number
  readonly item: number
  readonly node: string
  readonly key: string
  /** From 1. */
  readonly try: number
  readonly outcome: "ran" | "skipped" | "failed" | "waiting"
  readonly failure: StageFailure | undefined
  readonly startedAt: number
  readonly milliseconds: number
  readonly usage: Usage | undefined
  readonly price: Money | undefined
}

export type RunOutcome = "finished" | "drained" | "interrupted" | "stopped"

/** A row of the run log, for people. */
export interface RunRow {
  readonly id: number
  readonly pipeline: string
  readonly startedAt: number
  readonly endedAt: number | undefined
  /** `undefined` while it runs, or when its process died. */
  readonly outcome: RunOutcome | undefined
  /** The run's summary as JSON. */
  readonly summary: string | undefined
}

export interface Service {
  /** The row of a plan. */
  readonly plan: (plan: {
    readonly pipeline: string
    readonly fingerprint: string
    readonly description: string
  }) => Effect.Effect<number, StoreError>
  readonly start: (pipeline: string, plan: number) => Effect.Effect<number, StoreError>
  readonly attempt: (row: AttemptRow) => void
  readonly end: (run: number, outcome: RunOutcome, summary: string) => Effect.Effect<void, StoreError>
  /** The newest runs, newest first. */
  readonly recent: (limit: number) => Effect.Effect<ReadonlyArray<RunRow>, StoreError>
}

/** What ran when, and what each try came to. */
export class RunLog extends Context.Tag("@mediaspool/core/RunLog")<RunLog, Service>() {}
