import type { Duration, Effect } from "effect"
import type { IgnoredFiles } from "../scan/Scanner.js"
import type { Refusal } from "../scan/SourceError.js"
import type { State } from "../store/Items.js"
import type { Found } from "./ItemIntake.js"
import type { FailureRecord } from "./NodeOutcome.js"

/** What a scan hands over: the parts of `Scanner.scan` that a run needs, and the rest, which it leaves to others. */
export type Arrival =
  | { readonly _tag: "Found"; readonly files: ReadonlyArray<Found> }
  | { readonly _tag: "Refused"; readonly refusals: ReadonlyArray<Refusal> }
  /** So many files are as they were and done under this plan. */
  | { readonly _tag: "Unchanged"; readonly count: number }
  /** Files that are no media. */
  | ({ readonly _tag: "Ignored" } & IgnoredFiles)
  | { readonly _tag: "Gone" | "Finished" }

/** What a run would do with a node of a file: nothing, for its result is there; nothing, for it does not apply; run it; or not get to it. */
export type PlannedStep = "cached" | "skipped" | "toRun" | "blocked"

/** What a run would do with a file. */
export interface PlannedItem {
  readonly item: number
  /** Absolute; a RawPath. */
  readonly path: string
  /** Bytes */
  readonly size: number
  readonly contentHash: string
  /** By node, in the plan's order. */
  readonly steps: ReadonlyArray<PlannedStep>
  /** A node's value in its stored form, as JSON; `undefined` where it has none. */
  readonly value: (index: number) => string | undefined
  /** Why a node has none. */
  readonly failure: (index: number) => FailureRecord | undefined
}

/** Finds out what a run would do, and does none of it. */
export interface DryRun {
  /** Nodes by name that run all the same, because others can't be planned without them. */
  readonly runs: ReadonlySet<string>
  /** Told of every file that isn't done already. */
  readonly planned: (item: PlannedItem) => void
  /** What it is for. A canary's `runs` may cost money, and it is told of files that are done too; no file's status changes. */
  readonly purpose: "plan" | "canary"
}

/** How a plan is made, and whom it tells on the way. */
export interface PlanOptions extends Pick<DryRun, "planned" | "runs"> {
  /** Nodes, or stages by name, that are asked again whatever is known. */
  readonly rerun?: ReadonlyArray<string>
  /** Told of files that are as they were, and done. */
  readonly unchanged: (count: number) => void
}

/** How a run differs from the usual one. */
export interface RunOptions {
  /** Nodes, or stages by name, whose results are made anew; their recorded calls are replayed. */
  readonly rerun?: ReadonlyArray<string>
  /** When this ends, steps that have begun are finished, no other is begun and no paid request is sent. */
  readonly drain?: Effect.Effect<void>
  /** Items in flight; default: enough that the media engine can pack its processes. */
  readonly inFlight?: number
  /** Called on this thread when an item has ended and that is on disk; a file that was done already counts as ended. */
  readonly ended?: (item: number, path: string, state: State) => void
  /** Files that the run will look at in all, once the caller knows: told with its counts, for those who watch it from elsewhere. */
  readonly expected?: () => number | undefined
  /** Only plans, or tries: nothing else runs, and no file's status changes. */
  readonly dryRun?: DryRun
  /** What was planned for it, as JSON can hold it: kept beside the summary, for reports. */
  readonly planned?: object | undefined
  /** How long work waits in its place for an outside service that is away, before the item is left waiting. Default 10 s. */
  readonly patience?: Duration.DurationInput
}
