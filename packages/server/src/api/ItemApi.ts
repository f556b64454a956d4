import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { Correction, Doubt } from "./ReviewApi.js"
import { Row } from "./LibraryApi.js"
import { Away, Missing, Refused } from "./Problem.js"

/** What was said of a stretch of the file, or of all of it. */
const SaidText = Schema.Struct({
  text: Schema.String,
  /** null: the whole file. */
  startSeconds: Schema.NullOr(Schema.Number),
  endSeconds: Schema.NullOr(Schema.Number)
})

const SaidTag = Schema.Struct({
  vocabulary: Schema.String,
  label: Schema.String,
  confidence: Schema.NullOr(Schema.Number),
  evidence: Schema.NullOr(Schema.String),
  startSeconds: Schema.NullOr(Schema.Number),
  endSeconds: Schema.NullOr(Schema.Number)
})

/** One node's word on the file: a caption, or tags of one vocabulary. */
export const Word = Schema.Struct({
  pipeline: Schema.String,
  node: Schema.String,
  kind: Schema.Literal("caption", "tags"),
  model: Schema.String,
  provider: Schema.String,
  language: Schema.NullOr(Schema.String),
  texts: Schema.Array(SaidText),
  tags: Schema.Array(SaidTag),
  /** A person's word that stands in its place. */
  correction: Schema.NullOr(Correction),
  /** What is doubtful about it. */
  doubts: Schema.Array(Doubt)
})
export type Word = typeof Word.Type

/** Another kind of result: measurements, files that were made. */
export const Measured = Schema.Struct({
  pipeline: Schema.String,
  node: Schema.String,
  kind: Schema.String,
  value: Schema.Unknown
})

/** One try of one node, the newest first. */
export const Attempt = Schema.Struct({
  id: Schema.Int,
  node: Schema.String,
  outcome: Schema.String,
  code: Schema.NullOr(Schema.String),
  message: Schema.NullOr(Schema.String),
  /** ISO 8601 */
  startedAt: Schema.String,
  milliseconds: Schema.Number,
  inputTokens: Schema.Int,
  outputTokens: Schema.Int,
  /** Decimal */
  amount: Schema.NullOr(Schema.String),
  currency: Schema.NullOr(Schema.String)
})

/** What a step was given and gave. Without the ledger's row, such as after a failure that the next run tries again, all of it is empty. */
export const Step = Schema.Struct({
  stage: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.Int),
  /** Programs and versions: `ffmpeg 5.1` */
  madeWith: Schema.NullOr(Schema.String),
  /** By port; `from` are the nodes that gave it, none where the file itself is the input. */
  inputs: Schema.Array(Schema.Struct({ port: Schema.String, from: Schema.Array(Schema.String) })),
  output: Schema.Unknown,
  /** The output is there, but no more to be looked at. */
  isTooLarge: Schema.Boolean
})

export const Standing = Schema.Struct({ pipeline: Schema.String, state: Schema.String, settledAt: Schema.String })

const FailureOf = Schema.Struct({
  pipeline: Schema.String,
  node: Schema.String,
  code: Schema.String,
  message: Schema.String,
  help: Schema.String,
  attempts: Schema.Int
})

/** How the browser gets the sound. `preview`: the MediaEngine makes a copy that it can play. */
const Playable = Schema.Struct({
  how: Schema.Literal("original", "preview", "none"),
  type: Schema.Literal("audio", "video")
})

export const ItemDetails = Schema.Struct({
  id: Schema.Int,
  contentHash: Schema.String,
  name: Schema.String,
  /** Absolute; control characters are escaped. */
  path: Schema.String,
  copies: Schema.Array(Schema.String),
  missing: Schema.Boolean,
  /** The columns of the `media` table that have a value. */
  media: Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Number) }),
  playable: Playable,
  words: Schema.Array(Word),
  measured: Schema.Array(Measured),
  attempts: Schema.Array(Attempt),
  standings: Schema.Array(Standing),
  failures: Schema.Array(FailureOf),
  /** What people said of it, the newest first; ended ones too. */
  history: Schema.Array(Correction)
})

/** Why a node last ran for the file. */
export const Reason = Schema.Struct({
  node: Schema.String,
  stage: Schema.NullOr(Schema.String),
  ranAt: Schema.String,
  outcome: Schema.String,
  before: Schema.NullOr(Schema.String),
  changes: Schema.Array(
    Schema.Struct({
      part: Schema.String,
      before: Schema.NullOr(Schema.String),
      after: Schema.NullOr(Schema.String)
    })
  )
})

const number = Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 1e15))
const id = HttpApiSchema.param("id", number)
const attempt = HttpApiSchema.param("attempt", number)

/** Everything that is known of a file, and its sound. Media go by number, never by path. */
export const ItemApi = HttpApiGroup.make("items")
  .add(HttpApiEndpoint.get("details")`/items/${id}`.addSuccess(ItemDetails).addError(Missing).addError(Away))
  .add(
    HttpApiEndpoint.get("why")`/items/${id}/why`
      .setUrlParams(Schema.Struct({ node: Schema.String.pipe(Schema.maxLength(200)) }))
      .addSuccess(Schema.Array(Reason))
      .addError(Missing)
      .addError(Away)
  )
  .add(HttpApiEndpoint.get("step")`/items/${id}/steps/${attempt}`.addSuccess(Step).addError(Missing).addError(Away))
  .add(
    HttpApiEndpoint.get("alike")`/items/${id}/alike`
      .addSuccess(Schema.Struct({ rows: Schema.Array(Schema.Struct({ ...Row.fields, score: Schema.Number })) }))
      .addError(Refused)
      .addError(Missing)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.get("sound")`/items/${id}/sound`
      // What the browser plays beyond mp3, AAC, FLAC, WAV and H.264: `ogg`, `webm`.
      .setUrlParams(
        Schema.Struct({
          plays: Schema.optional(Schema.String.pipe(Schema.maxLength(100))),
          // A copy in any case: for a browser that times the file itself otherwise than the library does.
          copy: Schema.optional(Schema.Literal("true"))
        })
      )
      .addSuccess(
        Schema.String.annotations({
          description:
            "The file, or the copy that a browser can play. Takes one `Range` (206, 416), `If-Range` and `If-None-Match` (304)."
        }).pipe(HttpApiSchema.withEncoding({ kind: "Text", contentType: "application/octet-stream" }))
      )
      .addSuccess(
        Schema.String.annotations({ description: "The range that was asked for." }).pipe(
          HttpApiSchema.withEncoding({ kind: "Text", contentType: "application/octet-stream" })
        ),
        { status: 206 }
      )
      .addError(Refused)
      .addError(Missing)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.get("captions")`/items/${id}/captions.vtt`
      .addSuccess(HttpApiSchema.Text({ contentType: "text/vtt" }).annotations({ description: "What is said when, as WebVTT." }))
      .addError(Missing)
      .addError(Away)
  )
