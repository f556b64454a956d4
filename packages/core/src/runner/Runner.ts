import { Context, type Duration, Effect, Layer, type Stream } from "effect"
import type { Plan } from "../pipeline/Plan.js"
import type { Refusal } from "../source/SourceError.js"
import { ArtifactStore } from "../store/ArtifactStore.js"
import { CallLog } from "../store/CallLog.js"
import { Database } from "../store/Database.js"
import { Items, type State } from "../store/Items.js"
import { Leases } from "../store/Leases.js"
import { Ledger } from "../store/Ledger.js"
import { Owner } from "../store/Owner.js"
import { RunLog } from "../store/RunLog.js"
import type { StoreError } from "../store/StoreError.js"
import * as Breaker from "./Breaker.js"
import type { Found } from "./Admission.js"
import type { Event } from "./Event.js"
import * as EventHub from "./EventHub.js"
import * as Flight from "./Flight.js"
import * as ReadyPlan from "./ReadyPlan.js"
import * as RecordedCalls from "./RecordedCalls.js"
import * as Run from "./Run.js"
import type { PlanFault, RunStopped } from "./RunError.js"
import type { Hall } from "./RunState.js"
import type { Summary } from "./Summary.js"
import * as Turn from "./Turn.js"

/** What a scan hands over: the parts of `Scanner.scan` that a run needs, and the rest, which it leaves to others. */
export type Arrival =
  | { readonly _tag: "Found"; readonly files: ReadonlyArray<Found> }
  | { readonly _tag: "Refused"; readonly refusals: ReadonlyArray<Refusal> }
  /** So many files are as they were and done under this plan. */
  | { readonly _tag: "Unchanged"; readonly count: number }
  | { readonly _tag: "Gone" | "Finished" }

export interface RunOptions {
  /** Nodes, or stages by name, whose results are made anew; their recorded calls are replayed. */
  readonly rerun?: ReadonlyArray<string>
  /** When this ends, steps that have begun are finished, no other is begun and no paid request is sent. */
  readonly drain?: Effect.Effect<void>
  /** Items in flight; default: enough that the media engine can pack its processes. */
  readonly inFlight?: number
  /** Called on this thread when an item has ended and that is on disk; a file that was done already counts as ended. */
  readonly ended?: (item: number, path: string, state: State) => void
  /** How long work waits in its place for an outside service that is away, before the item is left waiting. Default 10 s. */
  readonly patience?: Duration.DurationInput
}

export interface Service {
  /** Asks every stage what else its output depends on, and gives the plan its row. Nothing else runs. */
  readonly prepare: (plan: Plan) => Effect.Effect<ReadyPlan.ReadyPlan, PlanFault | StoreError>
  /**
   * Runs every file through the plan. Ends when the arrivals end and nothing is in flight. The stages find their services in the
   * caller's context: provide the layers of the plan's plugins.
   */
  readonly run: <E, R>(
    ready: ReadyPlan.ReadyPlan,
    arrivals: Stream.Stream<Arrival, E, R>,
    options?: RunOptions
  ) => Effect.Effect<Summary, E | RunStopped | StoreError, R>
  /** What runs tell, from now on. A reader that doesn't keep up loses the oldest. */
  readonly events: Stream.Stream<Event>
}

export class Runner extends Context.Tag("@mediaspool/core/Runner")<Runner, Service>() {
  static readonly layer: Layer.Layer<
    Runner,
    never,
    ArtifactStore | CallLog | Database | Items | Leases | Ledger | Owner | RunLog
  > = Layer.effect(
    Runner,
    Effect.gen(function* () {
      const hub = EventHub.make()
      const hall: Hall = {
        database: yield* Database,
        items: yield* Items,
        ledger: yield* Ledger,
        leases: yield* Leases,
        runs: yield* RunLog,
        artifacts: yield* ArtifactStore,
        calls: RecordedCalls.make(yield* CallLog, yield* Owner),
        hub,
        breaker: Breaker.makeAll((resource) => ({
          closed: (failure, probeInMillis) => hub.tell({ _tag: "ResourceClosed", resource, failure, probeInMillis }),
          opened: () => hub.tell({ _tag: "ResourceOpened", resource })
        })),
        turn: Turn.make(),
        flights: Flight.make()
      }
      return {
        prepare: (plan) => ReadyPlan.make(plan, hall),
        run: (ready, arrivals, options = {}) => Run.run(hall, ready, arrivals, options),
        events: hall.hub.stream
      }
    })
  )
}
