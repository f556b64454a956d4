import { Schema } from "effect"

/** How far a job is: media seconds, or the part that is done with a word for people. */
export const JobProgress = Schema.Union(
  Schema.Struct({ done: Schema.Number, total: Schema.Number }),
  Schema.Struct({ fraction: Schema.Number, words: Schema.optional(Schema.String) })
)
export type JobProgress = typeof JobProgress.Type

/** Whether nothing comes after it but the answer. */
export const isComplete = (progress: JobProgress): boolean =>
  "done" in progress ? progress.done >= progress.total : progress.fraction >= 1
