import { ContentHash } from "@mediaspool/core"
import { Schema } from "effect"
import { JobProgress } from "./JobProgress.js"

const Name = Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_-]{1,64}$/))

/** A file that the stage made, on its way to the coordinator. */
export const ReplyFile = Schema.Struct({
  slot: Name,
  extension: Name,
  hash: ContentHash,
  size: Schema.NonNegativeInt,
  /** Which delivery it is: two workers on one job never share a name. */
  delivery: Name,
  /** To the coordinator, where the outbox can't be written to. */
  isUploaded: Schema.optional(Schema.Boolean)
})
export type ReplyFile = typeof ReplyFile.Type

/** How a failure crosses: the coordinator meets it by its class as if it had happened there. */
export const ReplyFailure = Schema.Struct({
  _tag: Schema.String,
  code: Schema.String,
  retry: Schema.Literal("now", "later", "never", "config", "skip"),
  message: Schema.String,
  help: Schema.String,
  retryAfterMillis: Schema.optional(Schema.Number)
})
export type ReplyFailure = typeof ReplyFailure.Type

/** What a worker answers for an attempt. */
export const StageReply = Schema.Union(
  Schema.Struct({
    _tag: Schema.Literal("Done"),
    /** Encoded; the paths of its files are empty. */
    output: Schema.Unknown,
    /** Where the output is, as JSON, when it is too large for the queue. */
    outputFile: Schema.optional(ReplyFile),
    files: Schema.Array(ReplyFile),
    /** Programs with versions. */
    madeWith: Schema.Array(Schema.Tuple(Schema.String, Schema.String)),
    /** What the stage said at its end: a message of its own would cost as much as the answer. */
    progress: Schema.optional(JobProgress)
  }),
  Schema.Struct({ _tag: Schema.Literal("Failed"), failure: ReplyFailure }),
  /** The stage broke: a defect. */
  Schema.Struct({ _tag: Schema.Literal("Broke"), message: Schema.String }),
  /** Nothing came of it, and no fault of its own is known: it is offered again. */
  Schema.Struct({
    _tag: Schema.Literal("Undone"),
    /** The process or the whole machine that ended under its batch, or that one before it took too long. */
    why: Schema.Literal("process", "machine", "late"),
    /** Worker and how it ended. */
    on: Schema.String
  })
)
export type StageReply = typeof StageReply.Type

/** What came of a stage. */
export type StageResult = Exclude<StageReply, { readonly _tag: "Undone" }>
