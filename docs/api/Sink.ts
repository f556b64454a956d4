import { Failure, Field, Library, LibraryError, Node, Plugin, Sink } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Weight } from "./Stage.js"

class Kept extends Schema.TaggedClass<Kept>("scales/Kept")("Kept", {}) {}

const keepWeight = Sink.make({
  name: "keep-weight",
  version: 1,
  summary: "Keeps each file's weight in a table of its own",
  input: { weight: Weight },
  output: Kept,
  config: Field.none,
  error: Schema.Union(LibraryError, Failure.None),
  // The receipt stands in the row, so that a crash between the two can't be.
  isWritten: ({ key }) =>
    Effect.gen(function* () {
      const library = yield* Library
      const rows = yield* library.read({ sql: "SELECT 1 FROM weight WHERE key = ?", values: [key] })
      return rows.length > 0
    }),
  run: ({ weight }) =>
    Effect.gen(function* () {
      const library = yield* Library
      const { key } = yield* Node
      yield* library.write([{ sql: "INSERT INTO weight (key, bytes) VALUES (?, ?)", values: [key, weight.bytes] }])
      return new Kept()
    })
})

export default Plugin.make({
  name: "scales-table",
  stages: [keepWeight],
  migrations: [{ id: 1, sql: "CREATE TABLE weight (key TEXT PRIMARY KEY, bytes INTEGER NOT NULL)" }]
})
