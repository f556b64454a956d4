import type { FileSource } from "../files/FileTransfer.js"
import type { StageBatch } from "../protocol/StageBatch.js"
import type { JobOutcome } from "./WorkerEvent.js"

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
  | {
      readonly _tag: "Run"
      /** Of the batch: the job's in its queue. */
      readonly id: string
      readonly batch: StageBatch
      readonly sources: ReadonlyArray<FileSource>
    }
  /** Nobody waits for this attempt any more; without one: for the whole batch. */
  | { readonly _tag: "Cancel"; readonly id: string; readonly attempt: string | undefined }
  /** The coordinator's file server was asked for: it may have moved. */
  | { readonly _tag: "Source"; readonly coordinator: string; readonly sources: ReadonlyArray<FileSource> }

/** How an attempt ended, for people. */
export interface EndedAttempt {
  readonly id: string
  readonly key: string
  readonly outcome: JobOutcome
  readonly detail: string | undefined
  readonly milliseconds: number
}

/** Something of a batch's answer. */
export interface BatchPart {
  /** For the coordinator: an `AnswerPart`, which the worker passes on as it is. */
  readonly text: string
  readonly ended: ReadonlyArray<EndedAttempt>
  /** Nothing comes after it. */
  readonly isLast: boolean
}

/** From the executor: a message holds several. */
export type ExecutorMessage =
  | { readonly _tag: "Ready"; readonly offer: Offer }
  /** It can't begin its work. */
  | { readonly _tag: "Unfit"; readonly message: string; readonly help: string }
  | { readonly _tag: "Answered"; readonly id: string; readonly part: BatchPart }
