import { Schema } from "effect"
import { Inspection, Refused } from "../Inspection.js"
import type { InputJob } from "../InputJob.js"
import { JobOutcome } from "../JobOutcome.js"

/** A file to look at. */
export interface Subject {
  /** The bytes of its path in base64: names needn't be text. */
  readonly path: string
  /** What libav opens: `file:` and an absolute path, or a link to it. */
  readonly url: string
}

/** What the parent asks of a child, one at a time. */
export type Request =
  | { readonly type: "inspect"; readonly files: ReadonlyArray<Subject> }
  | { readonly type: "run"; readonly jobs: ReadonlyArray<InputJob>; readonly maxBytes: number }

/**
 * What a child says. It has read a stranger's file, so what it says is checked.
 */
export const Reply = Schema.Union(
  Schema.Struct({ type: Schema.Literal("ready"), version: Schema.String }),
  Schema.Struct({ type: Schema.Literal("inspected"), results: Schema.Array(Schema.Union(Inspection, Refused)) }),
  Schema.Struct({ type: Schema.Literal("progress"), job: Schema.Int, seconds: Schema.Number }),
  Schema.Struct({ type: Schema.Literal("ran"), outcomes: Schema.Array(JobOutcome) })
)
export type Reply = typeof Reply.Type
