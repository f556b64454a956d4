import type { Rewired } from "../runner/Rewired.js"
import type { StageFailure } from "../stage/Failure.js"
import type { Counts } from "../scan/Scanner.js"

/** Why a pipeline takes no files at the moment. */
export type Halt =
  /** A person said so. */
  | "paused"
  /** Its folder is away, or too much vanished from it at once. */
  | "folder"
  /** A setting must be changed first. */
  | "stopped"
  /** The state folder's disk or a thread failed; it is tried again. */
  | "trouble"

/** What a watcher tells of itself; what the runs do is told by the runner. `E`: why a config can't be used. */
export type WatchEvent<E = never> =
  | {
      readonly _tag: "Watching"
      readonly pipeline: string
      readonly folder: string
      /** Whether changes are noticed by events too, or by scans only. */
      readonly mode: "events" | "scan"
      readonly settleMillis: number
    }
  | { readonly _tag: "FolderScanned"; readonly pipeline: string; readonly counts: Counts; readonly milliseconds: number }
  /** So many new files are taken though their names don't tell that they are media; told before they are worked on. */
  | { readonly _tag: "TakenByContent"; readonly pipeline: string; readonly files: number }
  /** Of files that are done a step may ask, and pay for, something else, because it has other inputs now. */
  | { readonly _tag: "PaidAgain"; readonly pipeline: string; readonly step: Rewired }
  | { readonly _tag: "Halted"; readonly pipeline: string; readonly halt: Halt; readonly failure: StageFailure | undefined }
  | { readonly _tag: "Resumed"; readonly pipeline: string }
  /** The system tells of changes no more, or not of all: scans come more often. */
  | { readonly _tag: "EventsLost"; readonly pipeline: string; readonly detail: string }
  | { readonly _tag: "Reloaded"; readonly pipelines: ReadonlyArray<string> }
  /** Edits of these nodes are on trial: their results from before are served. */
  | { readonly _tag: "CanaryServed"; readonly pipeline: string; readonly nodes: ReadonlyArray<string> }
  /** The config that is there now can't be used; the old one goes on. */
  | { readonly _tag: "ReloadRefused"; readonly error: E }
  | { readonly _tag: "WatchDraining" }
