import type { JobProgress } from "../protocol/JobProgress.js"
import type { JobNode } from "../protocol/StageJob.js"
import type { StageResult } from "../protocol/StageReply.js"
import type { WorkerError } from "../protocol/WorkerError.js"

/** An attempt that is out. */
export interface SentJob {
  readonly id: string
  readonly queue: string
  /** The same object for all jobs of a node. */
  readonly node: JobNode
  /** Its {@link JobEntry}, as JSON. */
  readonly text: string
  /** The engine merges it with others. */
  readonly isMerged: boolean
  /** The part of a slot that it fills. */
  readonly weight: number
  readonly sentAt: number
  /** A worker began it. */
  readonly started: () => void
  readonly settle: (settled: Settled) => void
  readonly progressed: (progress: JobProgress) => void
}

/** How it ended. */
export type Settled =
  | { readonly _tag: "Replied"; readonly reply: StageResult }
  | { readonly _tag: "Failed"; readonly failure: WorkerError }
  /** Taken back: it runs here. */
  | { readonly _tag: "Recalled" }
