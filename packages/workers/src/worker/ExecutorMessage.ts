import type { FileSource } from "../files/FileTransfer.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import type { StageJob } from "../protocol/StageJob.js"
import type { StageReply } from "../protocol/StageReply.js"

/** What the executor can run: sent once, when it is ready. */
export interface Offer {
  readonly engine: { readonly name: string; readonly version: string }
  readonly plugins: Readonly<Record<string, string>>
  readonly stages: ReadonlyArray<OfferedStage>
}

export interface OfferedStage {
  readonly stage: string
  readonly version: number
  readonly plugin: string
  readonly pluginVersion: string
}

/** To the executor: a message holds several. */
export type ExecutorCommand =
  | { readonly _tag: "Run"; readonly id: string; readonly job: StageJob; readonly sources: ReadonlyArray<FileSource> }
  /** Nobody waits for it any more. */
  | { readonly _tag: "Cancel"; readonly id: string }
  /** The coordinator's file server was asked for: it may have moved. */
  | { readonly _tag: "Source"; readonly coordinator: string; readonly sources: ReadonlyArray<FileSource> }

/** From the executor: a message holds several. */
export type ExecutorMessage =
  | { readonly _tag: "Ready"; readonly offer: Offer }
  /** It can't begin its work. */
  | { readonly _tag: "Unfit"; readonly message: string; readonly help: string }
  | { readonly _tag: "Replied"; readonly id: string; readonly reply: StageReply }
  | { readonly _tag: "Progressed"; readonly id: string; readonly progress: JobProgress }
