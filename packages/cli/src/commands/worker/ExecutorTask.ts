import { Schema } from "effect"

/** The process that runs stages is this command too, told so by its environment; `bin/spool.js` looks at it as well. */
export const VARIABLE = "SPOOL_EXECUTOR"

/** What it has to know. */
export const ExecutorTask = Schema.parseJson(
  Schema.Struct({
    worker: Schema.String,
    config: Schema.optional(Schema.String),
    slots: Schema.Int,
    roots: Schema.Record({ key: Schema.String, value: Schema.String }),
    work: Schema.String,
    cacheBytes: Schema.Int
  })
)
export type ExecutorTask = typeof ExecutorTask.Type
