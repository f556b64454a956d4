import { describe, expect, it } from "@effect/vitest"
import { Cause, Duration, Effect, Either, Exit, FastCheck as fc, Layer, Option, Schema, ModuleVersion } from "effect"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { parse, stringify } from "yaml"
import * as core from "../index.js"
import * as Field from "../stage/Field.js"
import * as Plugin from "../stage/Plugin.js"
import { SecretRef } from "../stage/Secret.js"
import * as Diagnostic from "../config/Diagnostic.js"
import * as Project from "./Project.js"
import * as SoundStages from "./SoundStages.fixture.js"

const Providers = Schema.Record({
  key: Schema.String,
  value: Schema.Struct({
    baseUrl: Field.required(Schema.String, "Where it listens"),
    apiKey: Field.maybe(SecretRef, "The account's key")
  })
})
const sounds = Plugin.make({
  name: "sounds",
  stages: [
    SoundStages.ingest,
    SoundStages.probe,
    SoundStages.transcode,
    SoundStages.caption,
    SoundStages.tags,
    SoundStages.persist,
    SoundStages.keep
  ],
  layer: Layer.succeed(SoundStages.Engine, { seconds: Effect.succeed(1) }),
  sections: [{ name: "providers", schema: Providers }]
})

const host: Project.Host = {
  builtIn: [sounds],
  version: "0.1.0",
  modules: async () => ({
    effect: await import("effect"),
    "@mediaspool/core": core,
    "test-stages": SoundStages,
    "test-plugin": { default: sounds }
  })
}

/** A folder with these files, for one test. */
const inFolder = (files: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(join(tmpdir(), "mediaspool-project-"))
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), text)
      }
      return folder
    }),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

const load = (files: Readonly<Record<string, string>>) =>
  Effect.flatMap(inFolder(files), (folder) => Project.load({ cwd: folder }, host))

/** The faults as a person reads them, with the folder left out. */
const faults = (files: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const folder = yield* inFolder(files)
    const result = yield* Effect.either(Project.load({ cwd: folder }, host))
    return Either.match(result, {
      onLeft: (error) => error.faults.map((fault) => Diagnostic.render(fault, (file) => file.replace(`${folder}/`, ""))),
      onRight: () => []
    })
  })

const good = `
defaults: { provider: dashscope-intl }
providers:
  local: { baseUrl: "http://127.0.0.1:8080", apiKey: { env: KEY } }
pipelines:
  sounds:
    source: { folder: ./inbox, exclude: ["**/raw/**"], scanEvery: 1m }
    stages:
      probe:
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000 } }
      caption: { retry: { times: 4 }, timeout: 5m, concurrency: 8 }
      hifi: { use: transcode, with: { format: wav } }
      emotion: { use: omni-tags, from: { audio: copy } }
      persist: {}
    tests:
      rain:
        clip: clips/rain.wav
        expect: { caption: { mentions: [rain, [drop, drizzle]] }, probe: { fields: { seconds: { min: 1 } } } }
`

describe("Project", () => {
  it.scoped("plans what is right", () =>
    Effect.gen(function* () {
      const project = yield* load({ "spool.yaml": good })
      const { plan, tests } = project.pipelines.get("sounds") ?? expect.fail("no pipeline")
      expect(project.state).toBe(join(project.folder, ".spool"))
      expect(plan.source).toMatchObject({ folder: join(project.folder, "inbox"), exclude: ["**/raw/**"], watch: "auto" })
      expect(plan.source?.include).toBeUndefined()
      expect(plan.nodes.map(({ inputs, name }) => [name, inputs])).toEqual([
        ["ingest", { original: ["source"] }],
        ["probe", { file: ["ingest"] }],
        ["copy", { file: ["ingest"], probe: ["probe"] }],
        ["caption", { audio: ["copy"], probe: ["probe"] }],
        ["hifi", { file: ["ingest"], probe: ["probe"] }],
        ["emotion", { audio: ["copy"] }],
        ["persist", { file: ["ingest"], results: ["probe", "caption", "emotion"] }]
      ])
      const [, , copy, caption] = plan.nodes
      expect(copy).toMatchObject({ config: { format: "mp3", sampleRate: 16000 }, identity: { format: "mp3" } })
      expect(caption).toMatchObject({ config: { provider: "dashscope-intl" }, retry: { times: 4, factor: 2 }, concurrency: 8 })
      expect(caption?.timeout).toEqual(Duration.minutes(5))
      expect(tests.get("rain")?.clip).toBe(join(project.folder, "clips/rain.wav"))
      expect(project.settings.section("providers")).toEqual({
        local: { baseUrl: "http://127.0.0.1:8080", apiKey: { env: "KEY" } }
      })
    })
  )

  it.scoped("is found from a folder below", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder({ "spool.yaml": good, "a/b/c.txt": "" })
      expect((yield* Project.load({ cwd: join(folder, "a/b") }, host)).file).toBe(join(folder, "spool.yaml"))
      const gone = yield* Effect.flip(Project.load({ cwd: folder, file: "other.yaml" }, host))
      expect(gone).toMatchObject({ code: "ConfigNotFound", retry: "config" })
    })
  )

  it.scoped("names every fault of every part together, with its place", () =>
    Effect.gen(function* () {
      const found = yield* faults({
        "spool.yaml": `defaults: { provder: x, sampleRate: fast }
providerz: {}
providers: { local: { apiKey: sk-CANARY } }
budget: 3
pipelines:
  Sounds: { stages: { probe: {} } }
  sounds:
    source: { include: ["../*.wav"] }
    stages:
      prob: {}
      probe: {}
      copy: { use: transcod, with: { format: mp3 } }
      hifi: { use: transcode, with: { format: ogg } }
      mp3: { use: transcode, with: { format: mp3 }, from: { probe: hifi, sound: x } }
      caption: { retry: { time: 4 } }
      7up: { use: probe }
    tests:
      rain: { clip: x.wav, expect: { captoin: {}, probe: { fields: { second: 1 } } } }
    stagez: {}
`
      })
      expect(found).toEqual([
        "spool.yaml:1:13 defaults.provder: no stage has the config field 'provder' (did you mean provider?)",
        `spool.yaml:1:37 defaults.sampleRate: expected an integer, got "fast"`,
        "spool.yaml:2:1 providerz: unknown key 'providerz': neither core nor a plugin reads it (did you mean providers?)",
        "spool.yaml:3:21 providers.local.baseUrl: 'baseUrl' is missing in 'local' (Where it listens)",
        "spool.yaml:3:31 providers.local.apiKey: expected { env: NAME } or { file: PATH }, got text",
        "spool.yaml:4:1 budget: 'budget' is kept for a later version",
        "spool.yaml:6:3 pipelines.Sounds: pipeline 'Sounds' must be lower-case letters, digits and '-', with a letter first",
        "spool.yaml:8:13 pipelines.sounds.source.folder: 'folder' is missing in 'source' (The folder that is read, and never written; relative to the config file)",
        "spool.yaml:8:25 pipelines.sounds.source.include[0]: expected a glob below the source folder, such as **/*.wav (what is left out stands under 'exclude')",
        "spool.yaml:10:7 pipelines.sounds.stages.prob: no stage is named 'prob'; say which one with 'use' (did you mean probe?)",
        "spool.yaml:12:20 pipelines.sounds.stages.copy.use: no stage is named 'transcod' (did you mean transcode?)",
        `spool.yaml:13:47 pipelines.sounds.stages.hifi.with.format: expected "mp3" or "wav", got "ogg"`,
        "spool.yaml:14:68 pipelines.sounds.stages.mp3.from.probe: input 'probe' takes Probe, but 'hifi' gives AudioFile (did you mean probe?)",
        "spool.yaml:14:81 pipelines.sounds.stages.mp3.from.sound: no input is named 'sound' (file, probe)",
        "spool.yaml:15:7 pipelines.sounds.stages.caption: input 'audio' is ambiguous: 'hifi' and 'mp3' give AudioFile; choose one with 'from' (hifi, mp3)",
        "spool.yaml:15:27 pipelines.sounds.stages.caption.retry.time: unknown key 'time' (did you mean times?)",
        "spool.yaml:16:7 pipelines.sounds.stages.7up: node '7up' must be lower-case letters, digits and '-', with a letter first",
        "spool.yaml:18:38 pipelines.sounds.tests.rain.expect.captoin: no node is named 'captoin' (did you mean caption?)",
        "spool.yaml:18:70 pipelines.sounds.tests.rain.expect.probe.fields.second: Probe has no field 'second' (did you mean seconds?)",
        "spool.yaml:19:5 pipelines.sounds.stagez: unknown key 'stagez' (did you mean stages?)"
      ])
      expect(found.join()).not.toContain("CANARY")
    })
  )

  it.scoped("refuses what is no config", () =>
    Effect.gen(function* () {
      expect(yield* faults({ "spool.yaml": "" })).toEqual(["spool.yaml: a config is a mapping with 'pipelines' in it"])
      expect(yield* faults({ "spool.yaml": "pipelines: {}" })).toEqual([
        "spool.yaml:1:1: there is no pipeline: 'pipelines' names them"
      ])
      expect(yield* faults({ "spool.yaml": "pipelines: {a: {}}" })).toEqual([
        "spool.yaml:1:13 pipelines.a: 'stages' is missing (the nodes by name)"
      ])
      expect(yield* faults({ "spool.yaml": "#".repeat(1024 * 1024 + 1) })).toEqual(["spool.yaml: this is larger than 1 MiB"])
      expect(yield* faults({ "spool.yaml": "a: \xff", "spool.yml": "" })).toEqual([
        expect.stringContaining("there are 2 configs")
      ])
    })
  )

  it.scoped("keeps ingest first", () =>
    Effect.gen(function* () {
      expect(yield* faults({ "spool.yaml": "pipelines: {a: {stages: {probe: {}, ingest: {}}}}" })).toEqual([
        "spool.yaml:1:26 pipelines.a.stages.probe: input 'file' is missing: no earlier node gives SourceFile",
        "spool.yaml:1:37 pipelines.a.stages.ingest: node 'ingest' comes first"
      ])
      expect(yield* faults({ "spool.yaml": "pipelines: {a: {stages: {ingest: {use: keep}}}}" })).toEqual([
        "spool.yaml:1:26 pipelines.a.stages.ingest: node 'ingest' gives SourceFile, but the stage 'keep' gives Saved"
      ])
    })
  )
})

const program = (pipelines: string, more = "") => `
import { Config, Pipeline } from "@mediaspool/core"
import { probe, transcode, caption, persist, tags } from "test-stages"
const format: "mp3" | "wav" = "mp3"
${more}
export default ${pipelines}
`
const chain = `Pipeline.make("sounds", { source: { folder: "./inbox" }, ingest: { concurrency: 2 } })
  .add("probe", probe).add("copy", transcode, { with: { format, sampleRate: 16000 } }).add("caption", caption, { retry: { times: 4 } })`

/** Puts `value` in place of what a walk along `steps` leads to. */
const replaced = (tree: unknown, steps: ReadonlyArray<number>, value: unknown): unknown => {
  const [step, ...rest] = steps
  if (step === undefined || typeof tree !== "object" || tree === null) return value
  const keys = Object.keys(tree)
  const at = keys[step % Math.max(1, keys.length)]
  const inner = Object.entries(tree).map(([key, field]) => [key, key === at ? replaced(field, rest, value) : field])
  return Array.isArray(tree) ? inner.map(([, field]) => field) : Object.fromEntries(inner)
}

describe("a config that is not as it should be", () => {
  it.scoped("is refused with faults, never with a defect", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder({})
      const steps = fc.array(fc.nat(20), { maxLength: 7 })
      const property = fc.asyncProperty(steps, fc.jsonValue({ maxDepth: 2 }), async (path, value) => {
        writeFileSync(join(folder, "spool.yaml"), stringify(replaced(parse(good), path, value)))
        const exit = await Effect.runPromiseExit(Project.load({ cwd: folder }, host))
        if (Exit.isSuccess(exit)) return
        const failure = Option.getOrThrowWith(Cause.failureOption(exit.cause), () => new Error(Cause.pretty(exit.cause)))
        expect(failure._tag).toBe("ConfigError")
        for (const fault of failure.faults) expect(fault.message).toMatch(/\S/)
      })
      yield* Effect.promise(() => fc.assert(property, { numRuns: 100 }))
    })
  )
})

describe("a config that is a program", () => {
  it.scoped("gives the same plan as the file", () =>
    Effect.gen(function* () {
      const yaml = yield* load({
        "spool.yaml": `
pipelines: { sounds: { source: { folder: ./inbox }, stages: { ingest: { concurrency: 2 }, probe: {}, copy: { use: transcode, with: { format: mp3, sampleRate: 16000 } }, caption: { retry: { times: 4 } } } } }`
      })
      for (const text of [chain, `Config.make({ pipelines: [${chain}] })`, `{ pipelines: { sounds: ${chain} } }`]) {
        const project = yield* load({ "spool.config.ts": program(text) })
        const plan = project.pipelines.get("sounds")?.plan
        const wanted = yaml.pipelines.get("sounds")?.plan
        expect(plan?.nodes).toEqual(wanted?.nodes)
        expect(plan?.source?.folder).toBe(join(project.folder, "inbox"))
      }
      const plain = yield* load({
        "spool.config.mjs": `export default { defaults: { provider: "x" }, pipelines: { sounds: { stages: { probe: {}, copy: { use: "transcode", with: { format: "mp3" } }, caption: {} } } } }`
      })
      expect(plain.pipelines.get("sounds")?.plan.nodes[3]).toMatchObject({ config: { provider: "x" } })
    })
  )

  it.scoped("is refused in the same words", () =>
    Effect.gen(function* () {
      expect(
        yield* faults({
          "spool.config.ts": program(`[1, 2]`)
        })
      ).toEqual(["spool.config.ts: a config is a mapping with 'pipelines' in it"])
      expect(
        yield* faults({
          "spool.config.ts": program(
            `{ pipelines: [Pipeline.make("sounds").add("caption", caption as any), Pipeline.make("sounds")] }`
          )
        })
      ).toEqual([
        "spool.config.ts pipelines[1]: pipeline 'sounds' exists already",
        "spool.config.ts pipelines[0].stages.caption: input 'audio' is missing: no earlier node gives AudioFile"
      ])
      expect(yield* faults({ "spool.config.ts": program("{", "") })).toEqual([
        expect.stringMatching(/^spool.config.ts: it fails on import: ParseError: .*spool.config.ts:/)
      ])
      expect(yield* faults({ "spool.config.ts": "throw new Error('no\\nway')" })).toEqual([
        "spool.config.ts: it fails on import: no way (spool.config.ts:1)"
      ])
      expect(yield* faults({ "spool.config.ts": "export const a = 1" })).toEqual(["spool.config.ts: it has no default export"])
    })
  )

  it.scoped("must say which plugins its stages are from", () =>
    Effect.gen(function* () {
      const own = `import { Stage, Plugin, Field, Failure, SourceFile } from "@mediaspool/core"; import { Effect } from "effect"
class Never extends Failure.Class<Never>()("Never", { Never: { retry: "never", help: "" } }) {}
const echo = Stage.make({ name: "echo", version: 1, summary: "", input: { file: SourceFile }, output: SourceFile, config: Field.none, error: Never, run: ({ file }) => Effect.succeed(file) })
const plugin = Plugin.make({ name: "echo", stages: [echo] })`
      const text = `{ PLUGINS pipelines: [Pipeline.make("a").add("echo", echo)] }`
      expect(yield* faults({ "spool.config.ts": program(text.replace("PLUGINS", ""), own) })).toEqual([
        "spool.config.ts pipelines[0].stages.echo: the stage 'echo' belongs to no plugin: list its plugin under 'plugins'"
      ])
      expect(yield* faults({ "spool.config.ts": program(text.replace("PLUGINS", "plugins: [plugin],"), own) })).toEqual([])
    })
  )
})

const echo = (name: string, more = "") => `
import { Stage, Plugin, Field, Failure, SourceFile } from "@mediaspool/core"
import { Effect, Schema } from "effect"
class ${name}Error extends Failure.Class<${name}Error>()("${name}Error", { Never: { retry: "never", help: "" } }) {}
class Echo extends Schema.TaggedClass<Echo>("${name}/Echo")("Echo", { text: Schema.String }) {}
const stage = Stage.make({ name: "echo", version: 1, summary: "", input: { file: SourceFile }, output: Echo, config: Schema.Struct({ volume: Field.withDefault(Schema.Number, 1, "Loud") }),
  error: ${name}Error, run: () => Effect.succeed(new Echo({ text: "" })) })
export default Plugin.make({ name: "${name}", stages: [stage] ${more} })
`
const pipeline = "pipelines: { a: { source: { folder: inbox }, stages: { echo: { with: { volume: 2 } } } } }"

describe("plugins", () => {
  it.scoped("load by path and by name, and see the running core", () =>
    Effect.gen(function* () {
      for (const name of ["./plugins/echo.ts", "./plugins/echo", "@me/echo"]) {
        const project = yield* load({
          "spool.yaml": `plugins: ["${name}"]\n${pipeline}`,
          "plugins/echo.ts": echo("echo"),
          "node_modules/@me/echo/package.json": `{ "name": "@me/echo", "version": "1.2.3", "type": "module", "exports": { ".": { "import": "./main.js" } }, "peerDependencies": { "@mediaspool/core": "^0.1.0" } }`,
          "node_modules/@me/echo/main.js": echo("echo").replace(/<\w+>/g, "")
        })
        const { config, stage } = project.pipelines.get("a")?.plan.nodes[1] ?? expect.fail("no node")
        expect(config).toEqual({ volume: 2 })
        expect(stage.input.file).toBe(core.SourceFile)
        expect(project.registry.stages.get("echo")?.plugin).toMatchObject({
          from: name,
          version: name === "@me/echo" ? "1.2.3" : undefined
        })
      }
    })
  )

  it.scoped.each(["echo.ts", "echo.mjs", "echo.js"])("are read anew when they were edited: %s", (name) =>
    Effect.gen(function* () {
      // In plain JavaScript, in a package of modules; what a setting is called stands in a module of its own.
      const stage = `import { level } from "./level.${name.split(".")[1]}"\n${echo("echo").replace(/<\w+>/g, "").replace("{ volume:", "{ [level]:")}`
      const level = (setting: string) => `export const level = ${JSON.stringify(setting)}\n`
      const folder = yield* inFolder({
        "spool.yaml": `plugins: [./${name}]\n${pipeline}`,
        "package.json": `{ "name": "own", "type": "module" }`,
        [name]: stage,
        [name.replace("echo", "level")]: level("volume")
      })
      const { files } = yield* Project.load({ cwd: folder }, host)
      expect(files.map((file) => basename(file)).sort()).toEqual([name, name.replace("echo", "level"), "spool.yaml"])
      writeFileSync(join(folder, name.replace("echo", "level")), level("level"))
      const error = yield* Effect.flip(Project.load({ cwd: folder }, host))
      expect(error.message).toContain("unknown key 'volume' (did you mean level?)")
    })
  )

  it.scoped("that can't be used are one clear fault each, and nothing else is said of what they would bring", () =>
    Effect.gen(function* () {
      const found = yield* faults({
        "spool.yaml": `plugins:
  - ./throws.ts
  - ./no-plugin.ts
  - ./old
  - ./none.ts
  - "@me/none"
  - ./inbox/evil.ts
  - ./needs-none.ts
  - 3
  - ./newer
echoes: {}
${pipeline}`,
        "throws.ts": `throw new TypeError("boom\\n    at here")`,
        "no-plugin.ts": "export default { name: 'x' }",
        "old/package.json": `{ "name": "old", "version": "2.0.0", "main": "main.js", "peerDependencies": { "@mediaspool/core": "^0.0.3" } }`,
        "newer/package.json": `{ "name": "newer", "version": "1.0.0", "main": "main.js", "peerDependencies": { "effect": "^4.0.0" } }`,
        "newer/main.js": `throw new Error("it ran")`,
        "old/main.js": `require("fs").writeFileSync(__dirname + "/ran", "")`,
        "inbox/evil.ts": `throw new Error("it ran")`,
        "needs-none.ts": `import "left-pad-of-nobody"; export default 1`
      })
      expect(found).toEqual([
        "spool.yaml:2:5 plugins[0]: the plugin './throws.ts' can't be used: it fails on import: boom at here (throws.ts:1)",
        "spool.yaml:3:5 plugins[1]: the plugin './no-plugin.ts' can't be used: its default export is no plugin: write `export default Plugin.make({ … })`",
        "spool.yaml:4:5 plugins[2]: the plugin './old' can't be used: 'old' 2.0.0 works with @mediaspool/core ^0.0.3, but this is 0.1.0: install a version of it that fits",
        "spool.yaml:5:5 plugins[3]: the plugin './none.ts' can't be used: there is no module './none.ts'",
        "spool.yaml:6:5 plugins[4]: the plugin '@me/none' can't be used: there is no module '@me/none': install it beside the config",
        "spool.yaml:7:5 plugins[5]: the plugin './inbox/evil.ts' can't be used: it lies in the watched folder of pipeline 'a', from where no code is run",
        "spool.yaml:8:5 plugins[6]: the plugin './needs-none.ts' can't be used: it fails on import: Cannot find module 'left-pad-of-nobody' (needs-none.ts): install 'left-pad-of-nobody' in the folder of the module that imports it",
        "spool.yaml:9:5 plugins[7]: expected a plugin's npm name or its relative path",
        `spool.yaml:10:5 plugins[8]: the plugin './newer' can't be used: 'newer' 1.0.0 works with effect ^4.0.0, but this is ${ModuleVersion.getCurrentVersion()}: install a version of it that fits`
      ])
    })
  )

  it.scoped("are not run from a watched folder through a link", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder({
        "spool.yaml": `plugins: [./link/evil.ts]\n${pipeline}`,
        "inbox/evil.ts": `throw new Error("it ran")`
      })
      symlinkSync(join(folder, "inbox"), join(folder, "link"))
      const error = yield* Effect.flip(Project.load({ cwd: folder }, host))
      expect(error.message).toContain("watched folder")
      expect(error.message).not.toContain("it ran")
    })
  )

  it.scoped("that give the same stage, section or name are refused with both named", () =>
    Effect.gen(function* () {
      const found = yield* faults({
        "spool.yaml": `plugins: [./one.ts, ./two.ts, ./one.ts, ./three.ts]\n${pipeline}`,
        "one.ts": echo("one"),
        "two.ts": echo(
          "two",
          `, sections: [{ name: "providers", schema: Schema.Struct({}) }, { name: "state", schema: Schema.Struct({}) }]`
        ),
        "three.ts": `import { Plugin } from "@mediaspool/core"; import one from "./one.ts"; export default Plugin.make({ name: "sounds", stages: [] })`
      })
      expect(found).toEqual([
        "spool.yaml:1:21 plugins[1]: the section 'providers' comes from two plugins: 'sounds' (built in) and 'two' (./two.ts)",
        "spool.yaml:1:21 plugins[1]: the section 'state' of 'two' (./two.ts) has a name that is kept for core",
        "spool.yaml:1:31 plugins[2]: the plugin 'one' comes twice",
        "spool.yaml:1:41 plugins[3]: the plugin 'sounds' comes twice: built in and ./three.ts",
        "spool.yaml:2:56 pipelines.a.stages.echo: the stage 'echo' comes from 2 plugins: say which one with 'use' (one/echo, two/echo)"
      ])
    })
  )

  it.scoped("may give stages and kinds of the same name: 'use' says which one", () =>
    Effect.gen(function* () {
      const listed = `plugins: [./one.ts, ./two.ts]\npipelines: { a: { stages: { `
      const files = { "one.ts": echo("one"), "two.ts": echo("two") }
      expect(yield* faults({ "spool.yaml": `${listed}echo: {} } } }`, ...files })).toEqual([
        "spool.yaml:2:29 pipelines.a.stages.echo: the stage 'echo' comes from 2 plugins: say which one with 'use' (one/echo, two/echo)"
      ])
      const { pipelines } = yield* load({
        "spool.yaml": `${listed}echo: { use: one/echo }, other: { use: two/echo } } } }`,
        ...files
      })
      expect(pipelines.get("a")?.plan.nodes.map(({ name, plugin }) => [name, plugin])).toEqual([
        ["ingest", "sounds"],
        ["echo", "one"],
        ["other", "two"]
      ])
    })
  )

  it.scoped("bring the services of the plugins that they need, and not their stages", () =>
    Effect.gen(function* () {
      const project = yield* load({
        "spool.yaml": `plugins: [./user.ts]\npipelines: { a: { stages: { probe: {} } } }`,
        "user.ts": `import { Plugin } from "@mediaspool/core"; import base from "./base.ts"; export default Plugin.make({ name: "user", stages: [], needs: [base] })`,
        "base.ts": echo("base")
      })
      expect(project.registry.plugins.map(({ from, plugin }) => [plugin.name, from])).toEqual([
        ["sounds", "built in"],
        ["base", "needed by user"],
        ["user", "./user.ts"]
      ])
      expect([...project.registry.stages.keys()]).not.toContain("echo")
    })
  )
})

describe("planning", () => {
  it.scoped("takes sixty nodes", () =>
    Effect.gen(function* () {
      const nodes = Array.from(
        { length: 29 },
        (_, i) =>
          `      copy-${i}: { use: transcode, with: { format: mp3 } }\n      caption-${i}: { use: caption, from: { audio: copy-${i} } }\n`
      )
      const project = yield* load({
        "spool.yaml": `pipelines:\n  long:\n    stages:\n      probe: {}\n${nodes.join("")}      persist: {}\n`
      })
      expect(project.pipelines.get("long")?.plan.nodes).toHaveLength(61)
      expect(project.pipelines.get("long")?.plan.nodes.at(-1)?.inputs.results).toHaveLength(30)
    })
  )
})
