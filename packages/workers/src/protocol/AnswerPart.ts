import { Schema } from "effect"

/** What a worker says of a batch, in one message: a batch is answered in as many as it takes, so that a slow attempt holds nobody up. */
export const AnswerPart = Schema.parseJson(
  Schema.Struct({
    /** The batch's job in its queue. */
    batch: Schema.String,
    /** Attempts that began. */
    began: Schema.Array(Schema.String),
    /** How far attempts are, each a `JobProgress`. */
    progress: Schema.Array(Schema.Tuple(Schema.String, Schema.Unknown)),
    /** Attempts that ended, each with its `StageReply`. */
    answers: Schema.Array(Schema.Tuple(Schema.String, Schema.Unknown)),
    /** How long those that ended took, in milliseconds: the lower quartile. */
    took: Schema.optional(Schema.Number)
  })
)
export type AnswerPart = typeof AnswerPart.Type
