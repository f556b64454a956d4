import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { folder, start, values } from "./Spool.js"

/** Each stage does one thing that a stage must not do, with the file `bad.wav` alone. */
const plugin = `
import { Account, AccountError, ArtifactError, Artifacts, Failure, Field, Plugin, Progress, Secrets, SecretError, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { spawn } from "node:child_process"
import { writeFile } from "node:fs/promises"

class Made extends Schema.TaggedClass<Made>("bad/Made")("Made", {}) {}
class Number extends Schema.TaggedClass<Number>("bad/Number")("Number", { n: Schema.Number }) {}
class Surprise extends Failure.Class<Surprise>()("Surprise", { BadSurprise: { retry: "never", help: "Wait." } }) {}

const stage = (name: string, error: any, misbehave: Effect.Effect<unknown, any, any>, output: any = Made, good: unknown = new Made()) =>
  Stage.make({
    name, version: 1, summary: "Misbehaves", input: { file: SourceFile }, output, config: Field.none, error,
    run: ({ file }): any => file.file.path.endsWith("bad.wav") ? misbehave : Effect.succeed(good)
  })

const made = new Made()
const KEY = { env: "BAD_KEY" }
const stages = [
  stage("tells", SecretError, Effect.gen(function* () {
    yield* (yield* Secrets).resolve(KEY)
    yield* Effect.log("my key", process.env.BAD_KEY)
    console.log("to stdout", process.env.BAD_KEY)
    return made
  })),
  stage("leaves", Failure.None, Effect.sync(() => {
    spawn(process.execPath, ["-e", "setTimeout(() => {}, 20_000)"], { stdio: "ignore" }).unref()
    return made
  })),
  stage("twice", ArtifactError, Effect.gen(function* () {
    const { write } = yield* Artifacts
    yield* write("cover", "txt", (path) => Effect.promise(() => writeFile(path, "1")))
    yield* write("cover", "txt", (path) => Effect.promise(() => writeFile(path, "2")))
    return made
  })),
  stage("another", Failure.None, Effect.succeed(new Number({ n: 1 }))),
  stage("nothing", Failure.None, Effect.succeed({ n: NaN }), Number, new Number({ n: 1 })),
  stage("beyond", Failure.None, Effect.flatMap(Progress, ({ report }) => Effect.as(report(1.5), made))),
  stage("unknown", AccountError, Effect.as(Account.named("asr"), made)),
  stage("surprise", Failure.None, new Surprise({ code: "BadSurprise", detail: "surprised" })),
  stage("breaks", Failure.None, Effect.sync(() => { throw new TypeError("no such thing") }))
]
export default Plugin.make({ name: "bad", stages, permissions: { secrets: ["BAD_KEY"] } } as any)
`

const nodes = ["tells", "leaves", "twice", "another", "nothing", "beyond", "unknown", "surprise", "breaks"]
const config = `plugins: ["./bad.ts"]
pipelines:
  sounds:
    source: { folder: in }
    stages:
${nodes.map((node) => `      ${node}: { retry: { times: 0 } }`).join("\n")}
      persist: {}
`
const KEY = "sk-bad-0815"

describe("A plugin that misbehaves", { timeout: 120_000 }, () => {
  it("is named with its stage and file, a message for each fault, and the other files are done", async () => {
    const home = folder({
      "bad.ts": plugin,
      "spool.yaml": config,
      "in/bad.wav": SampleMedia.wav("tone", { seconds: 1 }),
      "in/good.wav": SampleMedia.wav("chords", { seconds: 1 })
    })
    const said = await start(home, ["run", "--json"], { BAD_KEY: KEY }).said
    expect(said.code).toBe(1)
    expect(said.stdout + said.stderr).not.toContain(KEY)

    const answer = values(said)
    expect(answer.at(-1)).toMatchObject({ type: "summary", items: { total: 2, done: 1, failed: 1 } })
    const failures = answer.filter(({ type }) => type === "failure")
    expect(failures.every(({ path }) => path === `${home}/in/bad.wav`)).toBe(true)
    expect(failures.map(({ code, message, node }) => `${String(node)}: ${String(message)} (${String(code)})`)).toEqual([
      "twice: 'twice' of the plugin 'bad': the slot 'cover' is written twice for one result (ArtifactWrittenTwice)",
      "another: the stage 'another' of the plugin 'bad' gives bad/Number instead of bad/Made (OutputNotValid)",
      "nothing: the stage 'nothing' of the plugin 'bad' gives a plain object instead of bad/Number (OutputNotValid)",
      "unknown: the plugin 'bad' asks for an account: there is no account 'asr' under accounts; there is none at all (AccountUnknown)",
      "surprise: the stage 'surprise' of the plugin 'bad' fails with an error that it does not declare: BadSurprise: surprised (ErrorNotDeclared)",
      expect.stringMatching(
        /^breaks: the stage 'breaks' of the plugin 'bad' broke: TypeError: no such thing at .*bad\.ts:\d+:\d+ \(StageBroke\)$/
      )
    ])

    const lines = said.stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
    const place = { type: "log", plugin: "bad", path: `${home}/in/bad.wav` }
    for (const line of [
      { node: "tells", message: "my key <redacted>" },
      { node: "tells", message: "to stdout <redacted>", stream: "stdout" },
      { node: "leaves", message: expect.stringMatching(/^it has ended and leaves 'node' running \(process \d+\)/) },
      { node: "beyond", message: "progress of 1.5 was reported; it goes from 0 to 1 (ProgressNotValid)" }
    ])
      expect(lines).toContainEqual(expect.objectContaining({ ...place, ...line }))
  })
})
