import { Schema } from "effect"

/** How far a job is: media seconds, or the part that is done with a word for people. */
export const JobProgress = Schema.Union(
  Schema.Struct({ done: Schema.Number, total: Schema.Number }),
  Schema.Struct({ fraction: Schema.Number, words: Schema.optional(Schema.String) })
)
export type JobProgress = typeof JobProgress.Type
