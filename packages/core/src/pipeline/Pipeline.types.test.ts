import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import { check } from "./Compiler.fixture.js"
import * as NodeConfig from "./NodeConfig.js"
import * as SoundStages from "./SoundStages.fixture.js"
import * as Tree from "../config/Tree.js"
import { type Asked, wire } from "./Wiring.js"

const head = `import { Effect, Schema } from "effect"
import * as Plugin from "../stage/Plugin.js"
import * as Sink from "../stage/Sink.js"
import * as Stage from "../stage/Stage.js"
import * as Config from "./Config.js"
import * as Pipeline from "./Pipeline.js"
import { caption, Caption, keep, MediaError, ModelError, persist, Probe, probe, tags, transcode, Engine } from "./SoundStages.fixture.js"
const begin = Pipeline.make("sounds")
const plugin = Plugin.make({ name: "x", stages: [caption] })
const base = begin.add("probe", probe).add("copy", transcode, { with: { format: "mp3" } }).add("hifi", transcode, { with: { format: "wav" } })
`
const measure =
  "const measure = { name: 'measure', version: 1, summary: '', input: { probe: Probe }, output: Probe, config: Schema.Struct({}), error: MediaError } as const\n"

/** A mistake in the wiring: what a person writes in the builder, and the same node in a file. */
const wiring: Readonly<
  Record<
    string,
    { readonly code: string; readonly node: Omit<Asked, "stage">; readonly stage: Asked["stage"]; readonly alone?: true }
  >
> = {
  missing: { code: `begin.add("caption", caption)`, node: { name: "caption" }, stage: SoundStages.caption, alone: true },
  ambiguous: { code: `base.add("caption", caption)`, node: { name: "caption" }, stage: SoundStages.caption },
  ambiguousWithSettings: {
    code: `base.add("caption", caption, { concurrency: 3 })`,
    node: { name: "caption" },
    stage: SoundStages.caption
  },
  wrongKind: {
    code: `base.add("caption", caption, { from: { audio: "probe" } })`,
    node: { name: "caption", from: { audio: "probe" } },
    stage: SoundStages.caption
  },
  wrongKindForSeveral: {
    code: `base.add("persist", persist, { from: { results: ["probe", "copy"] } })`,
    node: { name: "persist", from: { results: ["probe", "copy"] } },
    stage: SoundStages.persist
  },
  core: {
    code: `base.add("keep", keep, { from: { results: ["source"] } })`,
    node: { name: "keep", from: { results: ["source"] } },
    stage: SoundStages.keep
  },
  unknownNode: {
    code: `base.add("caption", caption, { from: { audio: "copyy" } })`,
    node: { name: "caption", from: { audio: "copyy" } },
    stage: SoundStages.caption
  },
  unknownPort: {
    code: `base.add("caption", caption, { from: { audio: "copy", sound: "hifi" } })`,
    node: { name: "caption", from: { audio: "copy", sound: "hifi" } },
    stage: SoundStages.caption
  },
  list: {
    code: `base.add("caption", caption, { from: { audio: ["copy"] } })`,
    node: { name: "caption", from: { audio: ["copy"] } },
    stage: SoundStages.caption
  },
  duplicate: { code: `base.add("copy", probe)`, node: { name: "copy" }, stage: SoundStages.probe },
  secondIngest: { code: `base.add("ingest", probe)`, node: { name: "ingest" }, stage: SoundStages.probe },
  reserved: { code: `base.add("source", probe)`, node: { name: "source" }, stage: SoundStages.probe }
}

/** Ways to leave out what a stage can't do without. */
const incomplete = {
  noSettings: `base.add("more", transcode)`,
  noConfig: `base.add("more", transcode, { concurrency: 3 })`,
  emptyConfig: `base.add("more", transcode, { with: {} })`,
  otherField: `base.add("more", transcode, { with: { sampleRate: 3 } })`
}

/** Everything else that the compiler refuses, with its first line. */
const others: Readonly<Record<string, readonly [code: string, message: string]>> = {
  wrongConfig: [
    `base.add("more", transcode, { with: { format: "ogg" } })`,
    `Type '"ogg"' is not assignable to type '"mp3" | "wav"'.`
  ],
  misspeltConfig: [
    `base.add("more", transcode, { with: { format: "mp3", sampelRate: 3 } })`,
    `Object literal may only specify known properties, but 'sampelRate' does not exist in type 'Pick<{ readonly format: "mp3" | "wav"; readonly sampleRate?: number | undefined; }, "format" | "sampleRate">'. Did you mean to write 'sampleRate'?`
  ],
  configOfNone: [
    `base.add("more", probe, { with: { rate: 1 } })`,
    `Type 'number' is not assignable to type '"this stage has no config"'.`
  ],
  misspeltSetting: [
    `base.add("emotion", tags, { from: { audio: "copy" }, concurency: 3 })`,
    `Object literal may only specify known properties, but 'concurency' does not exist in type 'Settings<{}, { readonly audio: "copy"; }, never>'. Did you mean to write 'concurrency'?`
  ],
  undeclaredError: [
    `${measure}Stage.make({ ...measure, run: () => Effect.gen(function* () { yield* new ModelError({ code: "Busy", detail: "" }); return new Probe({ seconds: 1 }) }) })`,
    `"run fails with 'ModelError', which 'error' does not declare: add it, as in Schema.Union(A, B)"`
  ],
  wrongOutput: [
    `${measure}Stage.make({ ...measure, run: () => Effect.succeed(new Caption({ text: "" })) })`,
    `Type 'Effect<Caption, never, never>' is not assignable to type 'Effect<Probe, never, never>'`
  ],
  unprovided: [
    `Plugin.make({ name: "x", stages: [probe] })`,
    `"no layer provides the service 'test/Engine': give it in 'layer', or name its plugin in 'needs'"`
  ],
  undeclaredErrorOfSink: [
    `${measure}Sink.make({ ...measure, isWritten: () => Effect.succeed(false), run: () => new ModelError({ code: "Busy", detail: "" }) })`,
    `"run fails with 'ModelError', which 'error' does not declare: add it, as in Schema.Union(A, B)"`
  ],
  wrongInput: [
    `${measure}Stage.make({ ...measure, run: ({ sound }) => Effect.succeed(new Probe({ seconds: 1 })) })`,
    `Property 'sound' does not exist on type 'Inputs<{ readonly probe: typeof Probe; }>'.`
  ]
}

const good = `export const sounds = begin
  .add("probe", probe)
  .add("copy", transcode, { with: { format: "mp3", sampleRate: 16000 } })
  .add("caption", caption)
  .add("emotion", tags, { retry: { times: 4, delay: "2s" }, timeout: "5m" })
  .add("hifi", transcode, { with: { format: "wav" } })
  .add("instruments", tags, { from: { audio: "copy" } })
  .add("persist", persist)
  .add("few", persist, { from: { results: ["caption"] } })
  .add("keep", keep)
  .add("most", keep, { from: { results: ["few", "ingest"] } })
const name: string = "copy"
base.add("caption", caption, { from: { audio: name } })
type Carried = typeof sounds extends Pipeline.Pipeline<any, infer E, infer R> ? [E, R] : never
type Wanted = [MediaError | ModelError, Engine]
export default Config.make({ plugins: ["@me/x", plugin], defaults: { provider: "x" }, providers: {}, pipelines: [sounds, base] })
Config.make({ pipelines: { sounds, plain: { source: { folder: "inbox" }, stages: { probe: {}, copy: { use: "transcode", with: {} } } } } })
export const carried: [Carried, Wanted] extends [Wanted, Carried] ? true : false = true
`

const nodes = Array.from(
  { length: 30 },
  (_, i) => `.add("copy-${i}", transcode, { with: { format: "mp3" }, from: { probe: "probe" } })
  .add("caption-${i}", caption, { from: { audio: "copy-${i}" } })`
)
const long = `export const long = begin.add("probe", probe)${nodes.join("")}.add("persist", persist)`

const found = await check({
  ...Object.fromEntries(Object.entries(wiring).map(([name, { code }]) => [name, head + code])),
  ...Object.fromEntries(Object.entries(incomplete).map(([name, code]) => [name, head + code])),
  ...Object.fromEntries(Object.entries(others).map(([name, [code]]) => [name, head + code])),
  good: head + good,
  long: head + long
})

describe("the compiler", () => {
  it.each(Object.entries(wiring))("refuses wiring in the words that a file gets: %s", (name, { alone, node, stage }) => {
    const above: ReadonlyArray<Asked> = [
      { name: "ingest", stage: SoundStages.ingest },
      ...(alone
        ? []
        : [
            { name: "probe", stage: SoundStages.probe },
            { name: "copy", stage: SoundStages.transcode },
            { name: "hifi", stage: SoundStages.transcode }
          ])
    ]
    const messages = wire([...above, { ...node, stage }]).faults.map(({ message }) => message)
    expect(messages).toHaveLength(1)
    expect(found[name]).toEqual([
      expect.stringMatching(/^11:\d+ Argument of type '"[a-z]+"' is not assignable to parameter of type '".*"'\.$/)
    ])
    expect(found[name]?.[0]).toContain(`parameter of type '"${messages[0]}"'.`)
  })

  it.each(Object.keys(incomplete))("names a field that is missing in the words that a file gets: %s", (name) => {
    const origin = { file: "spool.yaml", path: ["with"] }
    const made = NodeConfig.make(SoundStages.transcode, Tree.empty, origin, { tree: Tree.empty, path: [] })
    const [fault] = Either.getOrElse(Either.flip(made), () => [])
    expect(fault?.message).toBe("'format' is missing in 'with' (Container of the copy)")
    expect(found[name]).toEqual([
      expect.stringMatching(
        / Argument of type '"more"' is not assignable to parameter of type '"'format' is missing in 'with'"'\.$/
      )
    ])
  })

  it.each(Object.entries(others))("refuses %s", (name, [, message]) => {
    expect(found[name]).toHaveLength(1)
    expect(found[name]?.[0]?.replace(/^\d+:\d+ /, "")).toContain(message)
  })

  it("takes what is right, and carries the errors and needs of all stages", () => {
    expect(found["good"]).toEqual([])
  })

  it("takes a chain of sixty nodes", () => {
    expect(found["long"]).toEqual([])
  })
})
