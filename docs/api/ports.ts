import { all, Failure, Field, Location, maybe, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Tempo } from "./Kind.js"

export class Notes extends Schema.TaggedClass<Notes>("notes/Notes")("Notes", { text: Schema.String }) {}

export const notes = Stage.make({
  name: "notes",
  version: 1,
  summary: "Writes down what earlier stages found",
  input: { source: SourceFile, place: Location, tempo: maybe(Tempo), rest: all() },
  output: Notes,
  config: Field.none,
  error: Failure.None,
  run: ({ place, rest, source, tempo }) =>
    Effect.succeed(
      new Notes({
        text: `${place.relativePath} is ${source.mediaType}, ${tempo?.bpm ?? "no"} beats; from ${rest.map(({ node }) => node).join()}`
      })
    )
})
