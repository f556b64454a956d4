import { Failure, Field, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"

export class Weight extends Schema.TaggedClass<Weight>("scales/Weight")("Weight", { bytes: Schema.Int }) {}

export const weigh = Stage.make({
  name: "weigh",
  version: 1,
  summary: "Says how many bytes a file has",
  input: { source: SourceFile },
  output: Weight,
  config: Field.none,
  error: Failure.None,
  run: ({ source }) => Effect.succeed(new Weight({ bytes: source.file.size }))
})
