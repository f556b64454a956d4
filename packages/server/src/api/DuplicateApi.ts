import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Away, Refused } from "./Problem.js"

/** What a person decided: this one is kept, or it is a duplicate of one that is. Nothing is deleted by it. */
export const Mark = Schema.NullOr(Schema.Literal("keep", "duplicate"))
export type Mark = typeof Mark.Type

/** A file that is there twice. */
export const DuplicateFile = Schema.Struct({
  /** The file's own number: two files with the same content have the same `mediaId`. */
  item: Schema.Int,
  mediaId: Schema.Int,
  name: Schema.String,
  folder: Schema.String,
  mediaType: Schema.String,
  container: Schema.NullOr(Schema.String),
  codec: Schema.NullOr(Schema.String),
  sampleRate: Schema.NullOr(Schema.Int),
  channels: Schema.NullOr(Schema.Int),
  durationSeconds: Schema.NullOr(Schema.Number),
  sizeBytes: Schema.Number,
  mark: Mark
})
export type DuplicateFile = typeof DuplicateFile.Type

/** Files that are the same: their bytes, their samples, or their sound in another codec, at another level or trimmed. */
export const DuplicateGroup = Schema.Struct({
  /** Tells groups apart. */
  id: Schema.Int,
  how: Schema.Literal("content", "audio", "near"),
  /** Files in it; of a very large one `files` has the first. */
  count: Schema.Int,
  /** Those without a mark. */
  open: Schema.Int,
  files: Schema.Array(DuplicateFile)
})

export const Duplicates = Schema.Struct({
  total: Schema.Int,
  /** Groups in which a file has no mark yet. */
  open: Schema.Int,
  /** When sounds were last compared, ISO 8601; null: never, so that only equal content is known. */
  comparedAt: Schema.NullOr(Schema.String),
  /** Files with a fingerprint: without one only equal content is found. */
  fingerprints: Schema.Int,
  /** Those with open files first, then the largest. */
  groups: Schema.Array(DuplicateGroup)
})

const Marked = Schema.Struct({ item: Schema.Int, mark: Mark })

/** Files that are there twice, and what people decided about them. */
export const DuplicateApi = HttpApiGroup.make("duplicates")
  .add(
    HttpApiEndpoint.get("groups", "/duplicates")
      .setUrlParams(
        Schema.Struct({
          how: Schema.optional(Schema.Literal("content", "audio", "near")),
          offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 1e9))),
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 500)))
        })
      )
      .addSuccess(Duplicates)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.post("mark", "/duplicates/marks")
      .setPayload(Schema.Struct({ marks: Schema.Array(Marked).pipe(Schema.minItems(1), Schema.maxItems(1000)) }))
      .addSuccess(
        Schema.Struct({ before: Schema.Array(Marked) }).annotations({ description: "The marks from before, to take it back." })
      )
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.post("find", "/duplicates/find")
      .addSuccess(Schema.Struct({ groups: Schema.Int, fingerprints: Schema.Int }))
      .addError(Refused)
      .addError(Away)
  )
