import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Away } from "./Problem.js"

export const FailedFile = Schema.Struct({
  item: Schema.Int,
  /** The file's number in the library; null where nothing of it came so far. */
  mediaId: Schema.NullOr(Schema.Int),
  mediaType: Schema.NullOr(Schema.String),
  durationSeconds: Schema.NullOr(Schema.Number),
  name: Schema.String,
  folder: Schema.String,
  /** One a node, equal ones once. */
  messages: Schema.Array(Schema.String),
  attempts: Schema.Int,
  /** ISO 8601 */
  failedAt: Schema.String
})

export const FailureCause = Schema.Struct({
  pipeline: Schema.String,
  /** Those that failed in this way. */
  nodes: Schema.Array(Schema.String),
  code: Schema.String,
  /** `now`, `later`, `never`, `config` */
  retry: Schema.String
})

/** Files that failed, or wait, for the same reason. */
export const FailureGroup = Schema.Struct({
  ...FailureCause.fields,
  help: Schema.String,
  /** Files, each once. */
  count: Schema.Int,
  /** The newest ones. */
  files: Schema.Array(FailedFile)
})

/** Which ones to try again; all that is given must fit. */
export const Requeue = Schema.Struct({
  pipeline: Schema.optional(Schema.String),
  node: Schema.optional(Schema.String),
  code: Schema.optional(Schema.String),
  item: Schema.optional(Schema.Int)
})

const text = Schema.String.pipe(Schema.maxLength(200))

/** What failed, or waits, and why. */
export const FailureApi = HttpApiGroup.make("failures")
  .add(HttpApiEndpoint.get("groups", "/failures").addSuccess(Schema.Array(FailureGroup)).addError(Away))
  .add(
    HttpApiEndpoint.get("files", "/failures/files")
      .setUrlParams(
        Schema.Struct({
          pipeline: text,
          // Names with commas between them.
          nodes: Schema.String.pipe(Schema.maxLength(4000)),
          code: text,
          retry: text,
          offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 1e9)))
        })
      )
      .addSuccess(Schema.Array(FailedFile))
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.post("requeue", "/failures/requeue")
      .setPayload(Requeue)
      .addSuccess(Schema.Struct({ items: Schema.Int }))
      .addError(Away)
  )
