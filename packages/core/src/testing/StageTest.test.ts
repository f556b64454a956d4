import { HttpBody, HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Redacted, Schema } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { ArtifactError, Artifacts } from "../stage/Artifacts.js"
import { CallHeld, Calls } from "../stage/Calls.js"
import * as Failure from "../stage/Failure.js"
import * as Field from "../stage/Field.js"
import { Artifact, SourceFile } from "../stage/FileRef.js"
import { Library, LibraryError } from "../stage/Library.js"
import * as Plugin from "../stage/Plugin.js"
import { Progress } from "../stage/Progress.js"
import { SecretError, SecretRef, Secrets } from "../stage/Secret.js"
import { Settings } from "../stage/Settings.js"
import * as Sink from "../stage/Sink.js"
import * as Stage from "../stage/Stage.js"
import { Node } from "../stage/Node.js"
import { Engine } from "../pipeline/SoundStages.fixture.js"
import { StageTest } from "./index.js"

class Heard extends Schema.TaggedClass<Heard>()("Heard", { file: Artifact, texts: Schema.Array(Schema.String) }) {}
class HeardError extends Failure.Class<HeardError>()("HeardError", { Deaf: { retry: "never", help: "Listen." } }) {}

/** A stage that touches everything: settings, a secret, paid calls, an artifact, the library. */
const listen = Stage.make({
  name: "listen",
  version: 1,
  summary: "Listens to a file",
  input: { file: SourceFile },
  output: Heard,
  config: Schema.Struct({
    windows: Field.withDefault(Schema.Int, 3, "How many"),
    key: Field.withDefault(SecretRef, { env: "KEY" }, "The account's key")
  }),
  error: Schema.Union(HeardError, ArtifactError, SecretError, CallHeld, LibraryError),
  run: ({ file }, { key, windows }) =>
    Effect.gen(function* () {
      const seconds = yield* Effect.mapError(
        Effect.flatMap(Engine, (engine) => engine.seconds),
        ({ detail }) => new HeardError({ code: "Deaf", detail })
      )
      const voice = Schema.decodeUnknownSync(Schema.Struct({ voice: Schema.String }))((yield* Settings).section("voices")).voice
      const secret = Redacted.value(yield* (yield* Secrets).resolve(key))
      const calls = yield* Calls
      const progress = yield* Progress
      const texts = yield* Effect.forEach(Array.from({ length: windows }), (_, window) =>
        Effect.gen(function* () {
          const { body } = yield* calls.call(
            { identity: { hash: file.file.hash, window }, account: "a", model: "m", onAmbiguous: "retry" },
            Effect.succeed({ body: `${voice} ${window} ${secret.length}` })
          )
          yield* progress.report((window + 1) / windows)
          return body
        })
      )
      const { artifact } = yield* (yield* Artifacts).write("text", "txt", (path) =>
        Effect.promise(async () => (await import("node:fs/promises")).writeFile(path, texts.join("\n")))
      )
      const library = yield* Library
      yield* library.write([{ sql: "INSERT INTO heard (hash, seconds) VALUES (?, ?)", values: [file.file.hash, seconds] }])
      return new Heard({ file: artifact, texts })
    })
})

const plugin = Plugin.make({
  name: "listen",
  stages: [listen],
  layer: Layer.succeed(Engine, { seconds: Effect.succeed(4) }),
  migrations: [{ id: 1, sql: "CREATE TABLE heard (hash TEXT PRIMARY KEY, seconds REAL)" }],
  sections: [{ name: "voices", schema: Schema.Struct({ voice: Field.withDefault(Schema.String, "alto", "Who speaks") }) }]
})
const options = { plugin, secrets: { KEY: "hush" } }
const bytes = Buffer.from("sound")

describe("StageTest", () => {
  it.scoped("runs a stage with everything that it touches", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ ...options, settings: { voices: { voice: "bass" } } })
      const file = yield* test.sourceFile("below/a.wav", bytes, "audio/wav")
      const heard = yield* test.run(listen, { file }, { windows: 2 })
      expect(heard.texts).toEqual(["bass 0 4", "bass 1 4"])
      expect(readFileSync(heard.file.path, "utf8")).toBe("bass 0 4\nbass 1 4")
      expect(test.artifacts).toEqual([heard.file])
      expect(test.calls.map(({ call }) => call.identity["window"])).toEqual([0, 1])
      expect(test.progress).toEqual([{ fraction: 0.5 }, { fraction: 1 }])
      expect(yield* test.library.read({ sql: "SELECT seconds FROM heard", values: [] })).toEqual([{ seconds: 4 }])
      expect(yield* test.leftovers).toEqual([])
    })
  )

  it.scoped("is gone when the test ends", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.scoped(Effect.map(StageTest.make(options), (test) => test.folder))
      expect(existsSync(folder)).toBe(false)
    })
  )

  it.scoped("goes on where a process died, and pays nothing twice", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ ...options, faults: { dieAfterCall: 2 } })
      const file = yield* test.sourceFile("a.wav", bytes, "audio/wav")
      expect(Exit.isInterrupted(yield* Effect.exit(test.run(listen, { file })))).toBe(true)
      expect(test.calls).toHaveLength(2)
      expect((yield* test.run(listen, { file })).texts).toHaveLength(3)
      expect(test.calls).toHaveLength(3)
    })
  )

  it.scoped("breaks the disk, the library and the secrets as often as the test asks", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ ...options, faults: { artifacts: 1, library: 1, secrets: 1 } })
      const file = yield* test.sourceFile("a.wav", bytes, "audio/wav")
      const codes: Array<string> = []
      for (let i = 0; i < 3; i++) {
        const failure = yield* Effect.flip(test.run(listen, { file }))
        codes.push("code" in failure ? failure.code : failure.message)
        expect(yield* test.leftovers).toEqual([])
      }
      expect(codes).toEqual(["SecretMissing", "ArtifactNotWritten", "LibraryNotWritten"])
      expect((yield* test.run(listen, { file })).texts).toHaveLength(3)
    })
  )

  it.scoped("refuses a config that isn't one", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make(options)
      const file = yield* test.sourceFile("a.wav", bytes, "audio/wav")
      const failure = yield* Effect.flip(test.run(listen, { file }, { windows: 1.5 }))
      expect(failure._tag).toBe("ParseError")
    })
  )
})

class Posted extends Schema.TaggedClass<Posted>()("Posted", { key: Schema.String }) {}

describe("StageTest.sink", () => {
  it.scoped("runs a sink until what it writes is there, by a key of stage, config and inputs", () =>
    Effect.gen(function* () {
      const there = new Set<string>()
      const post = Sink.make({
        name: "post",
        version: 1,
        summary: "Posts a file",
        input: { file: SourceFile },
        output: Posted,
        config: Schema.Struct({ to: Field.withDefault(Schema.String, "here", "Where to") }),
        error: Failure.None,
        isWritten: ({ key }) => Effect.sync(() => there.has(key)),
        run: () => Effect.map(Node, ({ key }) => (there.add(key), new Posted({ key })))
      })
      const test = yield* StageTest.make()
      const file = yield* test.sourceFile("a.wav", bytes, "audio/wav")
      const other = yield* test.sourceFile("b.wav", Buffer.from("other"), "audio/wav")
      const renamed = yield* test.sourceFile("c.wav", bytes, "audio/wav")
      const posts = [
        test.sink(post, { file }),
        test.sink(post, { file }),
        test.sink(post, { file: renamed }),
        test.sink(post, { file }, { to: "there" }),
        test.sink(post, { file: other })
      ]
      expect((yield* Effect.all(posts)).map(Option.isSome)).toEqual([true, false, false, true, true])
      expect([...there].every((key) => /^[\w-]{43}$/.test(key))).toBe(true)
    })
  )
})

describe("A stage in StageTest", () => {
  it.scoped("has a clock that goes on, and a server that is a function", () =>
    Effect.gen(function* () {
      const ask = Stage.make({
        name: "ask",
        version: 1,
        summary: "Asks a server",
        input: {},
        output: Posted,
        config: Field.none,
        error: Failure.None,
        run: () =>
          Effect.gen(function* () {
            yield* Effect.sleep("5 millis")
            const client = yield* HttpClient.HttpClient
            const body = HttpBody.unsafeJson({ hello: "you" })
            const response = yield* client.post("https://example.com/a?b=1", { body, headers: { "x-a": "1" } })
            return new Posted({ key: yield* response.text })
          }).pipe(Effect.orDie)
      })
      const layer = StageTest.http(async (request) =>
        Response.json([request.method, request.url, request.headers.get("x-a"), await request.text()])
      )
      const test = yield* StageTest.make({ layer })
      const expected = ["POST", "https://example.com/a?b=1", "1", '{"hello":"you"}']
      expect((yield* test.run(ask, {})).key).toBe(JSON.stringify(expected))
    })
  )
})
