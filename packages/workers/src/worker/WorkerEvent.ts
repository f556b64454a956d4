/** How a job ended on a worker. */
export type JobOutcome =
  | "done"
  | "failed"
  /** Its stage does not apply to the file. */
  | "skipped"
  /** Somebody else has it by now, or nobody waits for it any more. */
  | "late"
  /** The process that ran it ended; it goes on elsewhere. */
  | "lost"
  /** Given back undone. */
  | "returned"

/** What a worker tells while it works. */
export type WorkerEvent =
  | { readonly _tag: "Ready"; readonly worker: string; readonly engine: string; readonly slots: number }
  | {
      readonly _tag: "JobEnded"
      readonly stage: string
      readonly pipeline: string
      readonly node: string
      readonly key: string
      readonly outcome: JobOutcome
      readonly detail: string | undefined
      readonly milliseconds: number
    }
  /** Jobs of this stage don't come here. */
  | { readonly _tag: "StageRefused"; readonly stage: string; readonly version: number; readonly reason: string }
  /** It takes nothing for now. */
  | { readonly _tag: "Hindered"; readonly detail: string }
  | { readonly _tag: "Unhindered" }
  | { readonly _tag: "QueueAway"; readonly detail: string }
  | { readonly _tag: "QueueBack" }
  | { readonly _tag: "Draining"; readonly jobs: number }
