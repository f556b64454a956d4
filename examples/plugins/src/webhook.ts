import { HttpClientRequest } from "@effect/platform"
import {
  all,
  CallHeld,
  Calls,
  Field,
  Http,
  HttpError,
  Library,
  LibraryError,
  Node,
  Plugin,
  Sink,
  SourceFile
} from "@mediaspool/core"
import { Caption, CleanCaption } from "@mediaspool/plugins"
import { Effect, Schema } from "effect"

export class Posted extends Schema.TaggedClass<Posted>("example-webhook/Posted")("Posted", { url: Schema.String }) {}

export const webhook = Sink.make({
  name: "webhook",
  version: 1,
  summary: "Posts what is said of a file to a URL, once",
  input: { file: SourceFile, captions: all(Caption, CleanCaption) },
  output: Posted,
  config: Schema.Struct({ url: Field.required(Schema.String, "Where messages are posted") }),
  error: Schema.Union(CallHeld, HttpError, LibraryError),
  isWritten: ({ key }) =>
    Effect.gen(function* () {
      const library = yield* Library
      return (yield* library.read({ sql: "SELECT 1 FROM posted WHERE key = ?", values: [key] })).length > 0
    }),
  run: ({ captions, file: { file } }, { url }) =>
    Effect.gen(function* () {
      const { key } = yield* Node
      const calls = yield* Calls
      const message = { hash: file.hash, captions: captions.map(({ node, value }) => ({ node, text: value.text })) }
      const request = HttpClientRequest.post(url).pipe(HttpClientRequest.bodyUnsafeJson(message))
      // A message that was in flight when the process died isn't repeated before a person says so.
      yield* calls.call(
        { identity: { authority: "webhook", key }, account: "webhook", model: "webhook", onAmbiguous: "hold" },
        Effect.map(Http.request(request, { deadline: "20 seconds" }), ({ text }) => ({ body: text }))
      )
      const library = yield* Library
      const sql = "REPLACE INTO posted (key, content_hash, url) VALUES (?, ?, ?)"
      yield* library.write([{ sql, values: [key, file.hash, url] }])
      return new Posted({ url })
    })
})

export default Plugin.make({
  name: "example-webhook",
  stages: [webhook],
  permissions: { hosts: ["*"] },
  migrations: [{ id: 1, sql: "CREATE TABLE posted (key TEXT PRIMARY KEY, content_hash TEXT NOT NULL, url TEXT NOT NULL) STRICT" }]
})
