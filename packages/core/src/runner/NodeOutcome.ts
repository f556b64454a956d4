import type { StageFailure } from "../stage/Failure.js"

/** A failure as it is kept and shown. */
export interface FailureRecord {
  readonly _tag: string
  readonly code: string
  readonly retry: StageFailure["retry"]
  readonly message: string
  readonly help: string
}

/** What a node came to for one item. */
export type NodeOutcome =
  | Value
  /** It does not apply, or an input of it doesn't. */
  | { readonly _tag: "Skipped"; readonly key: string; readonly failure: FailureRecord | undefined }
  | {
      readonly _tag: "Failed"
      readonly key: string
      readonly failure: FailureRecord
      readonly attempts: number
      readonly remembered: boolean
    }
  /** An outside service is away. */
  | { readonly _tag: "Waiting"; readonly key: string; readonly failure: FailureRecord; readonly attempts: number }
  /** The run was asked to stop before it was begun, or in the middle before its next paid request: it is the next run's. */
  | { readonly _tag: "Left" }
  /** An input of it failed, or waits: it was not tried. */
  | { readonly _tag: "Blocked"; readonly waits: boolean }

export interface Value {
  readonly _tag: "Value"
  readonly key: string
  readonly digest: string
  /** In stored form, as JSON; `undefined` where it lies in a file, and for a sink whose receipt was found. */
  readonly stored: string | undefined
  /** Below the artifacts' folder. */
  readonly file: string | undefined
  /** The value itself, when the node ran for this very item; else it is decoded when somebody needs it. */
  readonly made: { readonly value: unknown } | undefined
}

export const recordOf = (failure: StageFailure): FailureRecord => ({
  _tag: failure._tag,
  code: failure.code,
  retry: failure.retry,
  message: failure.message,
  help: failure.help
})

/** The stored form of a failure. */
export const encodeFailure = (failure: FailureRecord): string => JSON.stringify(failure)

/** What {@link encodeFailure} wrote; a text that it did not write is shown as it is. */
export const decodeFailure = (text: string): FailureRecord => {
  const fallback = { _tag: "Failure", code: "Unknown", retry: "never" as const, message: text, help: "" }
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === "object" && parsed !== null ? { ...fallback, ...parsed } : fallback
  } catch {
    return fallback
  }
}
