import { Context, Effect, Layer, Stream } from "effect"
import type { Plan } from "../pipeline/Plan.js"
import * as FileHasher from "../scan/FileHasher.js"
import { ArtifactStore } from "../store/ArtifactStore.js"
import { CallLog } from "../store/CallLog.js"
import * as CanaryLog from "../store/CanaryLog.js"
import { Database } from "../store/Database.js"
import { Items } from "../store/Items.js"
import { ContentLocks } from "../store/ContentLocks.js"
import { Ledger } from "../store/Ledger.js"
import { ProcessLock } from "../store/ProcessLock.js"
import { RunLog } from "../store/RunLog.js"
import type { StoreError } from "../store/StoreError.js"
import * as Breaker from "./Breaker.js"
import type { Event } from "./EventHub.js"
import * as EventHub from "./EventHub.js"
import * as SingleFlight from "./SingleFlight.js"
import * as CompiledPlan from "./CompiledPlan.js"
import { Placement } from "./Placement.js"
import * as RecordedCalls from "./RecordedCalls.js"
import * as Run from "./Run.js"
import * as RunPlan from "./RunPlan.js"
import type { Arrival, PlanOptions, RunOptions } from "./RunOptions.js"
import type { PlanFault, RunStopped } from "./RunError.js"
import type { RunnerServices } from "./RunState.js"
import type { Summary } from "./RunStats.js"
import * as EventLoopBudget from "./EventLoopBudget.js"

/** What a run can be asked for. */
export interface Service {
  /**
   * Asks every stage what else its output depends on, and gives the plan its row. Nothing else runs. A node whose edit is on trial
   * (a canary) is as it was before.
   *
   * @param trial the node whose edit holds all the same
   */
  readonly prepare: (plan: Plan, trial?: string) => Effect.Effect<CompiledPlan.CompiledPlan, PlanFault | StoreError>
  /**
   * Runs every file through the plan. Ends when the arrivals end and nothing is in flight. The stages find their services in the
   * caller's context: provide the layers of the plan's plugins.
   */
  readonly run: <E, R>(
    ready: CompiledPlan.CompiledPlan,
    arrivals: Stream.Stream<Arrival, E, R>,
    options?: RunOptions
  ) => Effect.Effect<Summary, E | RunStopped | StoreError, R>
  /**
   * Finds out what a run would do, and does none of it but what `options.runs` names and what a run does before: new files are hashed.
   * Neither status nor results of any file change by it otherwise.
   */
  readonly plan: <E, R>(
    ready: CompiledPlan.CompiledPlan,
    arrivals: Stream.Stream<Arrival, E, R>,
    options: PlanOptions
  ) => Effect.Effect<void, E | RunStopped | StoreError, R>
  /** A person says that services that are away may be back: the next request tries each of them, whatever they said. */
  readonly retryServices: Effect.Effect<void>
  /** What runs tell, from now on. A reader that doesn't keep up loses the oldest. */
  readonly events: Stream.Stream<Event>
}

/** Runs plans over files. */
export class Runner extends Context.Tag("@mediaspool/core/Runner")<Runner, Service>() {
  static readonly layer: Layer.Layer<
    Runner,
    never,
    ArtifactStore | CallLog | Database | Items | ContentLocks | Ledger | ProcessLock | RunLog
  > = Layer.scoped(
    Runner,
    Effect.gen(function* () {
      const hub = EventHub.make()
      const breakers = Breaker.makeAll((resource) => ({
        closed: (failure, probeInMillis) => hub.tell({ _tag: "ResourceClosed", resource, failure, probeInMillis }),
        opened: () => hub.tell({ _tag: "ResourceOpened", resource })
      }))
      const placement = yield* Placement
      yield* Effect.forkScoped(Stream.runForEach(placement.events, (event) => Effect.sync(() => hub.tell(event))))
      const shared: RunnerServices = {
        database: yield* Database,
        items: yield* Items,
        ledger: yield* Ledger,
        locks: yield* ContentLocks,
        runs: yield* RunLog,
        artifacts: yield* ArtifactStore,
        calls: yield* RecordedCalls.make(yield* CallLog, yield* ProcessLock),
        callLog: yield* CallLog,
        hasher: yield* FileHasher.make,
        hub,
        breaker: breakers.of,
        budget: EventLoopBudget.make(),
        placement,
        singleFlight: SingleFlight.make()
      }
      return {
        prepare: (plan, trial) =>
          Effect.flatMap(
            shared.database.reading(() =>
              CanaryLog.read(shared.database).filter(({ node, pipeline }) => pipeline === plan.pipeline && node !== trial)
            ),
            (canaries) => CompiledPlan.make(plan, shared, canaries)
          ),
        run: (ready, arrivals, options = {}) => Run.run(shared, ready, arrivals, options),
        plan: (ready, arrivals, options) => RunPlan.plan(shared, ready, arrivals, options),
        retryServices: Effect.sync(breakers.retry),
        events: shared.hub.stream
      }
    })
  )
}
