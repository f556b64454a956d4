import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { Away, Missing, Refused } from "./Problem.js"
import { Money } from "./RunApi.js"

const Seconds = Schema.Number.pipe(Schema.between(0, 1e7))

const CorrectedSegment = Schema.Struct({
  startSeconds: Seconds,
  endSeconds: Seconds,
  text: Schema.String.pipe(Schema.maxLength(20_000))
})

export const CorrectedTag = Schema.Struct({
  vocabulary: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(100)),
  label: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(200)),
  /** null: the whole file. */
  startSeconds: Schema.NullOr(Seconds),
  endSeconds: Schema.NullOr(Seconds)
})

/** `accepted`: the model's word holds. `corrected`: this one does. `redo`: the model is asked again. `skipped`: not judged. */
export const Verdict = Schema.Literal("accepted", "corrected", "redo", "skipped")

/** A caption or tags, whoever said it. */
const Said = {
  text: Schema.NullOr(Schema.String),
  segments: Schema.Array(CorrectedSegment),
  tags: Schema.Array(CorrectedTag)
}

/** A person's word on what a node said of a content. */
export const Correction = Schema.Struct({
  id: Schema.Int,
  pipeline: Schema.String,
  node: Schema.String,
  verdict: Verdict,
  kind: Schema.Literal("caption", "tags"),
  ...Said,
  /** What the model says, as of its last run. */
  modelWord: Schema.Struct(Said),
  /** For the model, when it is asked again. */
  note: Schema.NullOr(Schema.String),
  /** ISO 8601 */
  madeAt: Schema.String,
  /** ISO 8601; null while it stands. */
  endedAt: Schema.NullOr(Schema.String)
})
export type Correction = typeof Correction.Type

/** What the words of a doubt are made of, by name. */
export const Figures = Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Number) })

/** Why a result should be looked at. */
export const Doubt = Schema.Struct({
  /** `low-confidence`, `wrong-language`, `repetition`, `contradiction`, or another capability's own. */
  reason: Schema.String,
  /** In English, for reasons that the page has no words of its own for. */
  detail: Schema.String,
  figures: Figures,
  startSeconds: Schema.NullOr(Schema.Number),
  endSeconds: Schema.NullOr(Schema.Number),
  /** 0 to 1: what is asked about first. */
  weight: Schema.Number
})
export type Doubt = typeof Doubt.Type

/** One thing to judge: a node's word on a file, and what is doubtful about it. */
const Doubtful = Schema.Struct({
  mediaId: Schema.Int,
  name: Schema.String,
  pipeline: Schema.String,
  node: Schema.String,
  doubts: Schema.Array(Doubt)
})

export const Queue = Schema.Struct({
  total: Schema.Int,
  /** What is doubted, most frequent first. */
  reasons: Schema.Array(Schema.Struct({ reason: Schema.String, count: Schema.Int })),
  /** Judged since midnight, and how many seconds one took on average. */
  judgedToday: Schema.Int,
  secondsEach: Schema.NullOr(Schema.Number),
  next: Schema.Array(Doubtful)
})

/** What a person decided. */
export const Judgement = Schema.Struct({
  mediaId: Schema.Int,
  pipeline: Schema.String.pipe(Schema.maxLength(200)),
  node: Schema.String.pipe(Schema.maxLength(200)),
  /** The correction that was seen to stand; null: there was none. Another one by now is answered with 409. */
  basis: Schema.NullOr(Schema.Int),
  verdict: Verdict,
  text: Schema.optional(Schema.NullOr(Schema.String.pipe(Schema.maxLength(100_000)))),
  segments: Schema.optional(Schema.Array(CorrectedSegment).pipe(Schema.maxItems(5000))),
  tags: Schema.optional(Schema.Array(CorrectedTag).pipe(Schema.maxItems(1000))),
  note: Schema.optional(Schema.NullOr(Schema.String.pipe(Schema.maxLength(2000))))
})
export type Judgement = typeof Judgement.Type

/** 409: somebody else was first. `standing` is their word; null: theirs was undone. */
export class Outdated extends Schema.TaggedError<Outdated>()(
  "Outdated",
  { code: Schema.String, message: Schema.String, help: Schema.String, standing: Schema.NullOr(Correction) },
  HttpApiSchema.annotations({ status: 409 })
) {}

/** What it would cost to ask a node again about a file, and every node that rests on its word. */
export const RedoPrice = Schema.Struct({
  requests: Schema.Int,
  cost: Schema.Array(Money),
  /** Requests whose price nobody knows, such as those to one's own server. */
  unpriced: Schema.Int
})

const correction = HttpApiSchema.param("id", Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 1e15)))

/** What is doubtful, and what people said of it. */
export const ReviewApi = HttpApiGroup.make("review")
  .add(
    HttpApiEndpoint.get("queue", "/review")
      .setUrlParams(
        Schema.Struct({
          reason: Schema.optional(Schema.String.pipe(Schema.maxLength(100))),
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 100)))
        })
      )
      .addSuccess(Queue)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.post("judge", "/corrections")
      .setPayload(Judgement)
      .addSuccess(Correction)
      .addError(Outdated)
      .addError(Missing)
      .addError(Refused)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.post("undo")`/corrections/${correction}/undo`
      .addSuccess(Schema.Struct({ standing: Schema.NullOr(Correction) }))
      .addError(Outdated)
      .addError(Missing)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.get("price", "/corrections/redo")
      .setUrlParams(
        Schema.Struct({
          mediaId: Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 1e15)),
          pipeline: Schema.String.pipe(Schema.maxLength(200)),
          node: Schema.String.pipe(Schema.maxLength(200))
        })
      )
      .addSuccess(RedoPrice)
      .addError(Missing)
      .addError(Refused)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.get("tests", "/corrections/tests.yaml")
      .addSuccess(
        HttpApiSchema.Text({ contentType: "text/plain" }).annotations({
          description: "Every correction that stands, as entries for the config's `tests:`."
        })
      )
      .addError(Away)
  )
