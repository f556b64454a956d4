// A program that the kill harness kills: a paid call, an artifact and a sink for every file of a folder, then the same again.
//   node Victim.mjs STATE INBOX API
import { Duration, Effect, Layer, Schema, Stream } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import * as core from "../../dist/index.js"

const [state, inbox, api] = process.argv.slice(2)

class Words extends Schema.TaggedClass("Words")("Words", { text: Schema.String }) {}
class Copy extends Schema.TaggedClass("Copy")("Copy", { file: core.Artifact }) {}
class Shelved extends Schema.TaggedClass("Shelved")("Shelved", {}) {}
class Trouble extends core.Failure.Class()("Trouble", { ServiceAway: { retry: "later", help: "Wait." } }) {}

const ask = (text) =>
  Effect.async((resume) => {
    const sent = request(api, { method: "POST" }, (response) => {
      let body = ""
      response.on("data", (chunk) => (body += chunk))
      response.on("end", () => resume(Effect.succeed({ body })))
    })
    sent.on("error", (error) => resume(Effect.fail(new Trouble({ code: "ServiceAway", detail: String(error) }))))
    sent.end(text)
  })

const stage = (fields) => ({ version: 1, summary: fields.name, config: Schema.Struct({}), error: Trouble, ...fields })
const stages = [
  core.Stage.make(
    stage({
      name: "ingest",
      input: { original: core.Original },
      output: core.SourceFile,
      run: ({ original }) => Effect.succeed(new core.SourceFile({ file: original, mediaType: "text/plain" }))
    })
  ),
  core.Stage.make(
    stage({
      name: "copy",
      input: { file: core.SourceFile },
      output: Copy,
      run: ({ file }) =>
        Effect.flatMap(core.Artifacts, (artifacts) =>
          Effect.orDie(
            artifacts.write("copy", "txt", (path) =>
              Effect.sync(() => writeFileSync(path, readFileSync(file.file.path, "utf8").toUpperCase()))
            )
          )
        ).pipe(Effect.map(({ artifact }) => new Copy({ file: artifact })))
    })
  ),
  core.Stage.make(
    stage({
      name: "caption",
      input: { copy: Copy },
      output: Words,
      run: ({ copy }) =>
        Effect.gen(function* () {
          const calls = yield* core.Calls
          const text = readFileSync(copy.file.path, "utf8")
          const windows = yield* calls.decided({ windows: text }, Effect.succeed("2"))
          const replies = yield* Effect.forEach(Array.from({ length: Number(windows) }), (_, window) =>
            calls.recorded(
              { identity: { text, window }, account: "test", model: "parrot", onAmbiguous: "retry" },
              ask(`${text} ${window}`)
            )
          )
          return new Words({ text: replies.map(({ body }) => body).join(" ") })
        })
    })
  ),
  core.Stage.make(
    stage({
      name: "shelve",
      input: { file: core.SourceFile, words: Words },
      output: Shelved,
      sink: true,
      receipt: ({ key }) =>
        Effect.flatMap(core.Library, (library) => library.read({ sql: "SELECT 1 FROM shelf WHERE key = ?", values: [key] })).pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.orDie
        ),
      run: ({ file, words }) =>
        Effect.gen(function* () {
          const library = yield* core.Library
          const { key } = yield* core.Node
          yield* library.write([
            { sql: "DELETE FROM shelf WHERE content = ?", values: [file.file.hash] },
            { sql: "INSERT INTO shelf (content, key, text) VALUES (?, ?, ?)", values: [file.file.hash, key, words.text] }
          ])
          return new Shelved()
        }).pipe(Effect.orDie)
    })
  )
]
const inputs = {
  ingest: { original: ["source"] },
  copy: { file: ["ingest"] },
  caption: { copy: ["copy"] },
  shelve: { file: ["ingest"], words: ["caption"] }
}
const plan = {
  pipeline: "victim",
  source: undefined,
  nodes: stages.map((stage) => ({
    name: stage.name,
    stage,
    config: {},
    identity: {},
    inputs: inputs[stage.name],
    retry: { times: 0, delay: Duration.millis(1), factor: 2, maxDelay: Duration.millis(1) },
    timeout: undefined,
    concurrency: undefined
  }))
}
const migrations = [
  { plugin: "shelf", migrations: [{ id: 1, sql: "CREATE TABLE shelf (content TEXT PRIMARY KEY, key TEXT, text TEXT)" }] }
]

const pass = Effect.gen(function* () {
  const runner = yield* core.Runner
  const scanner = yield* core.Scanner
  const ready = yield* runner.prepare(plan)
  const found = scanner.scan({
    folder: inbox,
    include: ["**/*.txt"],
    exclude: [],
    against: { pipeline: "victim", plan: ready.id }
  })
  const { items, stages } = yield* runner.run(ready, found)
  return { items, ran: Object.values(stages).reduce((sum, { ran }) => sum + ran, 0) }
})

const layer = Layer.merge(core.Runner.layer, core.Scanner.layer).pipe(Layer.provideMerge(core.Store.layer(state, migrations)))
const first = await Effect.runPromise(Effect.provide(pass, layer))
const second = await Effect.runPromise(Effect.provide(pass, layer))
console.log(JSON.stringify({ first, second }))
