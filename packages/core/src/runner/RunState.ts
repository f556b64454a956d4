import type { Duration, Effect, Runtime } from "effect"
import type { FileHasher } from "../scan/FileHasher.js"
import type { Wait } from "../stage/Waits.js"
import type { ArtifactStore } from "../store/ArtifactStore.js"
import type { Database } from "../store/Database.js"
import type { FileStat } from "../store/FileStat.js"
import type { Items, State } from "../store/Items.js"
import type { CallLog } from "../store/CallLog.js"
import type { ContentLocks } from "../store/ContentLocks.js"
import type { Ledger } from "../store/Ledger.js"
import type { RunLog } from "../store/RunLog.js"
import type { StoreError } from "../store/StoreError.js"
import type { Breaker } from "./Breaker.js"
import type { EventHub } from "./EventHub.js"
import type { SingleFlight } from "./SingleFlight.js"
import type { NodeOutcome } from "./NodeOutcome.js"
import type { RunPlaced, Service as Placement } from "./Placement.js"
import type { BudgetGuard } from "./BudgetGuard.js"
import type { CompiledNode, CompiledPlan } from "./CompiledPlan.js"
import type { DryRun } from "./RunOptions.js"
import type { RecordedCalls } from "./RecordedCalls.js"
import type { StopSignal } from "./StopSignal.js"
import type { ItemWishes } from "./SinkWishes.js"
import type { RunStats } from "./RunStats.js"
import type { EventLoopBudget } from "./EventLoopBudget.js"

/** What all runs of a process share. */
export interface RunnerServices {
  readonly database: Database["Type"]
  readonly items: Items["Type"]
  readonly ledger: Ledger["Type"]
  readonly locks: ContentLocks["Type"]
  readonly runs: RunLog["Type"]
  readonly artifacts: ArtifactStore["Type"]
  readonly calls: RecordedCalls
  readonly callLog: CallLog["Type"]
  readonly hasher: FileHasher
  readonly hub: EventHub
  readonly budget: EventLoopBudget
  readonly singleFlight: SingleFlight
  readonly placement: Placement
  /** By resource. */
  readonly breaker: (resource: string) => Breaker
}

/** One run of a plan. */
export interface RunState extends RunnerServices {
  readonly run: number
  readonly compiled: CompiledPlan
  readonly stats: RunStats
  /** The caller's, with the services for the stages. */
  readonly runtime: Runtime.Runtime<never>
  /** By node: how many attempts at the same time. */
  readonly limits: ReadonlyArray<Effect.Semaphore | undefined>
  /** By node: what runs its attempts elsewhere; absent: they run here. */
  readonly placed: ReadonlyArray<RunPlaced | undefined>
  /** How long work waits in its place for an outside service that is away. */
  readonly patience: Duration.Duration
  /** Nodes whose results are made anew, and the keys that have been. */
  readonly rerun: ReadonlySet<number>
  readonly remade: Set<string>
  /** Files of earlier runs that were found whole, below the artifacts' folder. */
  readonly verified: Set<string>
  /** Whether, and when, the run is asked to stop. */
  readonly stop: StopSignal
  /** Items that are in. */
  readonly inFlight: Set<ItemContext>
  /** Attempts that are under way. */
  readonly active: Set<ActiveAttempt>
  /** Attempts that wait for a place elsewhere, with what takes each out of the line. */
  readonly queued: Map<ActiveAttempt, () => void>
  /** Keeps paid calls within the plan's budgets. */
  readonly guard: BudgetGuard
  /** Nothing is run but what it names. */
  readonly dryRun: DryRun | undefined
  /** Told of every item that has ended. */
  readonly ended: (item: number, path: string, state: State) => void
  /** The store can't write: what is under way is finished, nothing new is begun. */
  readonly trouble: (failure: StoreError) => void
}

/** An attempt that is under way. */
export interface ActiveAttempt {
  readonly task: { readonly node: CompiledNode; readonly item: ItemContext }
  /** As `performance.now()` tells. */
  readonly began: number
  /** What keeps it from its work at the moment. */
  readonly waitsFor: Wait | undefined
}

/** An item on its way through the plan. */
export interface ItemContext {
  readonly item: number
  /** Absolute; a RawPath. */
  readonly path: string
  readonly relativePath: string
  readonly contentHash: string
  /** What an lstat said of the file when it was hashed, or since. */
  readonly stat: FileStat
  /** Bytes */
  readonly size: number
  /** By node: what it came to. */
  readonly outcomes: Array<NodeOutcome | undefined>
  /** By node: how many of its inputs are still open. */
  readonly open: Array<number>
  /** The keys that it works on. */
  readonly held: Array<string>
  /** Absent: nobody said anything of it. */
  wishes?: ItemWishes
}
