import type { Duration, Effect } from "effect"
import type { Refusal } from "../scan/SourceError.js"
import type { State } from "../store/Items.js"
import type { Found } from "./ItemIntake.js"

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
