import { Either, Schema } from "effect"
import * as Field from "../stage/Field.js"

/** The regular expression that a phrase between slashes is; `undefined` for any other. One that doesn't compile is thrown. */
export const expressionOf = (phrase: string): RegExp | undefined => {
  const source = /^\/(.+)\/$/s.exec(phrase)?.[1]
  return source === undefined ? undefined : new RegExp(source, "iu")
}

const compiles = (phrase: string): boolean => phrase !== "" && Either.isRight(Either.try(() => expressionOf(phrase)))

const Phrase = Schema.String.pipe(
  Schema.filter(compiles, { message: () => "expected some text, or a regular expression between slashes: /\\brain\\b/" })
)
const Phrases = Schema.Array(Phrase)

/** What a field of a node's output should be. */
const FieldExpectation = Schema.Union(
  Schema.String,
  Schema.Number,
  Schema.Boolean,
  Schema.Null,
  Schema.Struct({
    min: Field.maybe(Schema.Number, "The least"),
    max: Field.maybe(Schema.Number, "The most")
  }),
  Schema.Struct({ matches: Field.required(Phrase, "Text that occurs in it, or a regular expression between slashes") }),
  Schema.Struct({
    oneOf: Field.required(Schema.Array(Schema.Union(Schema.String, Schema.Number, Schema.Boolean)), "Any of these")
  })
)

/** What one node should give for a clip. */
export const Expectation = Schema.Struct({
  outcome: Field.withDefault(Schema.Literal("done", "failed", "skipped"), "done", "How the node should end"),
  code: Field.maybe(Schema.String, "The code that it should fail with"),
  mentions: Field.maybe(
    Schema.Array(Schema.Union(Phrase, Phrases)),
    "What its text must mention, whatever the case; a list means any of its entries, /…/ is a regular expression"
  ),
  omits: Field.maybe(Phrases, "What its text must not mention"),
  labels: Field.maybe(Schema.Array(Schema.String), "The labels that are allowed"),
  tagged: Field.maybe(Schema.Array(Schema.String), "The labels that must be there"),
  fields: Field.maybe(
    Schema.Record({ key: Schema.String, value: FieldExpectation }),
    "Field → what it should be; `streams.0.codec` goes inside, `streams.*.codec` means any of them"
  )
})
export type Expectation = typeof Expectation.Type

/** One clip and what the pipeline's nodes should make of it. */
export const PipelineTest = Schema.Struct({
  clip: Field.required(Schema.NonEmptyString, "The media file, relative to the config file"),
  expect: Field.required(Schema.Record({ key: Schema.String, value: Expectation }), "Node → what it should give")
})
export type PipelineTest = typeof PipelineTest.Type

/** A pipeline's tests by name. */
export const PipelineTests = Schema.Record({ key: Schema.String, value: PipelineTest })
