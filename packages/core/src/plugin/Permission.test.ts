import { Command, FetchHttpClient, FileSystem, HttpClient, HttpClientResponse, type CommandExecutor } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { vi } from "vitest"
import { Cause, Context, Effect, Exit, Layer, Redacted, Schema, Stream } from "effect"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigFolder } from "../stage/ConfigFolder.js"
import * as Failure from "../stage/Failure.js"
import * as Field from "../stage/Field.js"
import { Original, SourceFile } from "../stage/FileRef.js"
import * as Permission from "./Permission.js"
import * as Plugin from "../stage/Plugin.js"
import { Secrets } from "../stage/Secret.js"
import * as Stage from "../stage/Stage.js"

class Done extends Schema.TaggedClass<Done>()("Done", { text: Schema.String }) {}
class DoneError extends Failure.Class<DoneError>()("DoneError", { NotDone: { retry: "never", help: "Do it." } }) {}

type Services = CommandExecutor.CommandExecutor | FileSystem.FileSystem | HttpClient.HttpClient

/** A plugin with one stage that does `act`. */
const acting = (permissions: Plugin.Permissions, act: Effect.Effect<string, unknown, Services>) =>
  Permission.confine(
    Plugin.make({
      name: "actor",
      permissions,
      stages: [
        Stage.make({
          name: "act",
          version: 1,
          summary: "Does something outside",
          input: { file: SourceFile },
          output: Done,
          config: Field.none,
          error: DoneError,
          run: () => Effect.map(Effect.orDie(act), (text) => new Done({ text }))
        })
      ]
    })
  )

const file = new SourceFile({ file: new Original({ hash: "0".repeat(64), size: 1, path: "/a.wav" }), mediaType: "audio/wav" })
const web = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request, url) => Effect.succeed(HttpClientResponse.fromWeb(request, new Response(`from ${url.hostname}`))))
)
const secrets = Context.make(Secrets, { resolve: () => Effect.succeed(Redacted.make("hush")) })
const core = Layer.merge(NodeContext.layer, Layer.succeedContext(secrets))

/** What the stage gives, or the code of its refusal. */
const outcome = (plugin: Plugin.AnyPlugin, client: typeof web = web) =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(Effect.provide(plugin.stages[0]?.run({ file }, {}) ?? Effect.void, Layer.merge(core, client)))
    if (Exit.isSuccess(exit)) return exit.value.text
    const defect = Cause.squash(exit.cause)
    return defect instanceof Permission.PermissionError ? defect.code : yield* Effect.die(defect)
  })

const ask = (url: string) => Effect.flatMap(HttpClient.get(url), (response) => response.text)
const read = (env: string) => Effect.flatMap(Secrets, (service) => Effect.map(service.resolve({ env }), Redacted.value))
const write = (path: string) => Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.as(fs.writeFileString(path, "x"), "written"))

describe("Permission.confine", () => {
  it.effect("lets a plugin talk to the hosts that it declared, and to no other", () =>
    Effect.gen(function* () {
      const permissions = { hosts: ["api.example.com", "*.example.org"] }
      expect(yield* outcome(acting(permissions, ask("https://api.example.com/v1")))).toBe("from api.example.com")
      expect(yield* outcome(acting(permissions, ask("http://eu.example.org:8080/")))).toBe("from eu.example.org")
      expect(yield* outcome(acting(permissions, ask("https://example.org/")))).toBe("HostNotDeclared")
      expect(yield* outcome(acting(permissions, ask("https://api.example.com.evil.net/")))).toBe("HostNotDeclared")
      expect(yield* outcome(acting({}, ask("http://127.0.0.1/")))).toBe("HostNotDeclared")
      expect(yield* outcome(acting({ hosts: ["*"] }, ask("http://127.0.0.1/")))).toBe("from 127.0.0.1")
    })
  )

  it.scoped("lets no redirect lead it to another host", () =>
    Effect.gen(function* () {
      const server = createServer((request, response) =>
        request.url === "/there"
          ? response.end("there")
          : response.writeHead(302, { location: `http://localhost:${port}/there` }).end()
      )
      yield* Effect.acquireRelease(
        Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () => Effect.sync(() => server.close())
      )
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const here = `http://127.0.0.1:${port}/here`
      const status = Effect.map(HttpClient.get(here), (response) => String(response.status))
      const followed = Effect.flatMap(HttpClient.HttpClient, (client) =>
        Effect.flatMap(HttpClient.followRedirects(client).get(here), (response) => response.text)
      )
      const fetched = (hosts: ReadonlyArray<string>, act: typeof followed) =>
        outcome(acting({ hosts }, act), FetchHttpClient.layer)
      expect(yield* fetched(["127.0.0.1"], status)).toBe("302")
      expect(yield* fetched(["127.0.0.1"], followed)).toBe("HostNotDeclared")
      expect(yield* fetched(["127.0.0.1", "localhost"], followed)).toBe("there")
    })
  )

  it.effect("lets it start the programs that it declared, wherever they are, and no shell", () =>
    Effect.gen(function* () {
      const node = Command.string(Command.make(process.execPath, "-p", "6*7"))
      const piped = Command.string(Command.make(process.execPath, "-p", "1").pipe(Command.pipeTo(Command.make("cat"))))
      const shell = Command.string(Command.make("node", "-p", "1").pipe(Command.runInShell(true)))
      expect(yield* outcome(acting({ programs: ["node"] }, node))).toBe("42\n")
      expect(yield* outcome(acting({ programs: ["sox"] }, node))).toBe("ProgramNotDeclared")
      expect(yield* outcome(acting({ programs: ["node"] }, piped))).toBe("ProgramNotDeclared")
      expect(yield* outcome(acting({ programs: ["node"] }, shell))).toBe("ProgramNotDeclared")
    })
  )

  it.effect("gives it the secrets that it declared", () =>
    Effect.gen(function* () {
      expect(yield* outcome(acting({ secrets: ["MY_KEY"] }, read("MY_KEY")))).toBe("hush")
      expect(yield* outcome(acting({ secrets: ["MY_KEY"] }, read("DASHSCOPE_API_KEY")))).toBe("SecretNotDeclared")
      expect(yield* outcome(acting({ secrets: ["*"] }, read("ANY")))).toBe("hush")
    })
  )

  it.scoped("lets it write where it declared and among temporary files, and read anywhere", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const outside = yield* fs.makeTempDirectoryScoped()
      const inside = yield* fs.makeTempDirectoryScoped()
      yield* Effect.acquireRelease(
        Effect.sync(() => vi.stubEnv("TMPDIR", inside)),
        () => Effect.sync(() => vi.unstubAllEnvs())
      )
      const there = join(outside, "a.txt")
      expect(yield* outcome(acting({}, write(join(inside, "a.txt"))))).toBe("written")
      expect(yield* outcome(acting({}, write(there)))).toBe("WriteNotDeclared")
      expect(yield* outcome(acting({}, write(join(tmpdir(), "..", there))))).toBe("WriteNotDeclared")
      expect(yield* outcome(acting({ writes: [`${outside}-other`] }, write(there)))).toBe("WriteNotDeclared")
      expect(yield* outcome(acting({ writes: [outside] }, write(there)))).toBe("written")
      // A relative one starts at the config's folder, wherever the state folder lies.
      const beside = Effect.provideService(ConfigFolder, outside)
      const exported = Effect.flatMap(ConfigFolder.resolve("exports/a.txt"), write)
      yield* fs.makeDirectory(join(outside, "exports"))
      expect(yield* beside(outcome(acting({ writes: ["./exports"] }, exported)))).toBe("written")
      expect(yield* beside(outcome(acting({ writes: ["./other"] }, exported)))).toBe("WriteNotDeclared")
      const streamed = Effect.as(
        Effect.flatMap(FileSystem.FileSystem, (files) => Stream.run(Stream.make(new Uint8Array(1)), files.sink(there))),
        "streamed"
      )
      expect(yield* outcome(acting({}, streamed))).toBe("WriteNotDeclared")
      const opened = Effect.flatMap(FileSystem.FileSystem, (files) => Effect.as(Effect.scoped(files.open(there)), "opened"))
      expect(yield* outcome(acting({}, opened))).toBe("opened")
      expect(yield* fs.readFileString(there)).toBe("x")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("confines a plugin's layer, and the plugins it needs, each to its own", () =>
    Effect.gen(function* () {
      class Fetched extends Context.Tag("Fetched")<Fetched, string>() {}
      const fetched = (hosts: ReadonlyArray<string>) =>
        Plugin.make({
          name: "fetched",
          stages: [],
          permissions: { hosts },
          layer: Layer.effect(Fetched, Effect.orDie(ask("https://one.example/")))
        })
      const build = (plugin: Plugin.AnyPlugin) =>
        Effect.scoped(Effect.exit(Effect.provide(Layer.build(Permission.confine(plugin).layer), Layer.merge(core, web))))
      expect(Exit.isSuccess(yield* build(fetched(["one.example"])))).toBe(true)
      expect(Exit.isFailure(yield* build(fetched([])))).toBe(true)
      const needing = Permission.confine(Plugin.make({ name: "needing", stages: [], needs: [fetched([])] }))
      expect(Exit.isFailure(yield* build(needing.needs[0] ?? needing))).toBe(true)
    })
  )

  it("is the same plugin when asked again", () => {
    const plugin = Plugin.make({ name: "p", stages: [] })
    expect(Permission.confine(plugin)).toBe(Permission.confine(plugin))
    expect(Permission.confine(Permission.confine(plugin))).toBe(Permission.confine(plugin))
  })
})

describe("Permission.list", () => {
  it("says what a plugin touches, in sentences", () => {
    const permissions = { hosts: ["a.example", "*"], programs: ["sox"], secrets: ["KEY"], writes: ["/var/log"] }
    expect(Permission.list(permissions).map(Permission.sentence)).toEqual([
      "talks to a.example",
      "talks to any host that the config names",
      "starts sox",
      "reads the secret KEY",
      "writes to /var/log"
    ])
    expect(Permission.list({})).toEqual([])
  })
})
