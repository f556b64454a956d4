import { Context, type Duration, type Effect, type Stream } from "effect"
import type { Plan } from "../pipeline/Plan.js"
import type { FoundFile } from "../source/FoundFile.js"
import type { Refusal } from "../source/SourceError.js"
import type { StoreError } from "../store/StoreError.js"
import type { Event } from "./Event.js"
import type { PlanFault, RunStopped } from "./RunError.js"
import type { Summary } from "./Summary.js"

/** What a scan hands over. */
export type Arrival =
  | { readonly _tag: "Found"; readonly file: FoundFile }
  | { readonly _tag: "Refused"; readonly refusal: Refusal }
  /** So many files are as they were and done under this plan. */
  | { readonly _tag: "Unchanged"; readonly count: number }

/** A plan with what its keys need, and its row: a scan compares with the row's id what is done. */
export interface Ready {
  readonly plan: Plan
  /** `item_state.plan` of items that are done under this plan. */
  readonly id: number
}

export interface RunOptions {
  /** Nodes or stages whose results are made anew; their recorded calls are replayed unless the stage is `sampled`. */
  readonly rerun?: ReadonlyArray<string>
  /** When this ends, what is in flight is finished and nothing new is begun. */
  readonly drain?: Effect.Effect<void>
  /** Items in flight; default: enough that the media engine can pack its processes. */
  readonly inFlight?: number
  /** How long work waits in its place for an outside service that is away, before the item is left waiting. Default 10 s. */
  readonly patience?: Duration.DurationInput
}

export interface Service {
  /** Asks every stage what else its output depends on, and gives the plan its row. Nothing else runs. */
  readonly prepare: (plan: Plan) => Effect.Effect<Ready, PlanFault | StoreError>
  /** Runs every file through the plan. Ends when the arrivals end and nothing is in flight. */
  readonly run: <E, R>(
    ready: Ready,
    arrivals: Stream.Stream<Arrival, E, R>,
    options?: RunOptions
  ) => Effect.Effect<Summary, E | RunStopped | StoreError, R>
  /** What runs tell, from now on. A reader that doesn't keep up loses the oldest. */
  readonly events: Stream.Stream<Event>
}

export class Runner extends Context.Tag("@mediaspool/core/Runner")<Runner, Service>() {}
