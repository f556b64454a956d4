import { Failure, Field, Stage } from "@mediaspool/core"
import { Effect, Either, Schema } from "effect"
import { Notes } from "./ports.js"

class Vector extends Schema.TaggedClass<Vector>("vectors/Vector")("Vector", { values: Schema.Array(Schema.Number) }) {}

export const embed = Stage.batch({
  name: "embed",
  version: 1,
  summary: "Turns notes into vectors, up to 64 in one request",
  input: { notes: Notes },
  output: Vector,
  config: Field.none,
  error: Failure.None,
  size: 64,
  run: (items) => Effect.succeed(items.map(({ notes }) => Either.right(new Vector({ values: [notes.text.length] }))))
})
