import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { folder, spool, values } from "./Spool.js"

/** A stage that pays for an answer: each request leaves a line in a file. */
const plugin = `
import { Calls, CallHeld, Field, Money, Plugin, SourceFile, Stage } from "@mediaspool/core"
import { BigDecimal, Effect, Schema } from "effect"
import { appendFileSync } from "node:fs"

class Said extends Schema.TaggedClass("test/Said")("Said", { text: Schema.String }) {}
const price = new Money({ currency: "USD", amount: BigDecimal.unsafeFromString("0.002") })

const say = Stage.make({
  name: "say", version: 1, summary: "Asks a service what it hears",
  input: { file: SourceFile }, output: Said, config: Field.none, error: CallHeld,
  run: ({ file }) => Effect.gen(function* () {
    const calls = yield* Calls
    const call = { identity: { model: "ear", sound: file.file.hash }, account: "acme", model: "ear", onAmbiguous: "retry" }
    const request = Effect.sync(() => {
      appendFileSync(new URL("./requests.txt", import.meta.url), "request\\n")
      return { body: "rain on a roof", price }
    })
    const { body } = yield* calls.call(call, request)
    return new Said({ text: body })
  })
})
export default Plugin.make({ name: "say", stages: [say] })
`

const config = `
plugins: ["./say.ts"]
pipelines:
  sounds:
    stages:
      say: {}
      probe: {}
    tests:
      rain:
        clip: rain.wav
        expect:
          say: { mentions: [rain], omits: [dog] }
          probe: { fields: { "streams.0.sampleRate": 44100, durationSeconds: { min: 0.9, max: 1.1 } } }
`

const project = () => folder({ "say.ts": plugin, "spool.yaml": config, "rain.wav": SampleMedia.wav("noise", { seconds: 1 }) })
const requests = (cwd: string) =>
  existsSync(join(cwd, "requests.txt")) ? readFileSync(join(cwd, "requests.txt"), "utf8").trim().split("\n").length : 0

describe("spool test", { timeout: 120_000 }, () => {
  it("pays once with --live, and nothing from then on", async () => {
    const cwd = project()
    const unrecorded = await spool(cwd, "test")
    expect(unrecorded.code).toBe(1)
    expect(unrecorded.stdout).toContain("no recorded reply from ear (acme) for this request (ReplyNotRecorded)")
    expect(unrecorded.stdout).toContain("`spool test --live`")
    expect(requests(cwd)).toBe(0)

    const live = await spool(cwd, "test", "--live", "--json")
    expect(live.code).toBe(0)
    expect(values(live)).toMatchObject([
      { type: "test", pipeline: "sounds", test: "rain", passed: true, misses: [], calls: 1 },
      { type: "summary", tests: 1, passed: 1, failed: 0, live: true, cost: { USD: "0.002" } }
    ])
    expect(requests(cwd)).toBe(1)
    const recording = JSON.parse(readFileSync(join(cwd, "recordings/sounds/rain.json"), "utf8"))
    expect(recording.calls).toMatchObject([{ account: "acme", model: "ear", reply: { body: "rain on a roof" } }])

    const offline = await spool(cwd, "test", "rain")
    expect([offline.code, requests(cwd)]).toEqual([0, 1])
    expect(offline.stdout).toContain("1 recorded reply")
    // A test leaves nothing in the library.
    expect(existsSync(join(cwd, ".spool"))).toBe(false)
  })

  it("says what is not as expected, and ends with 1", async () => {
    const cwd = project()
    await spool(cwd, "test", "--live")
    writeFileSync(join(cwd, "spool.yaml"), config.replace("mentions: [rain], omits: [dog]", "mentions: [snow], omits: [roof]"))
    const failed = await spool(cwd, "test", "--json")
    expect(failed.code).toBe(1)
    expect(values(failed)[0]).toMatchObject({
      passed: false,
      misses: [
        { node: "say", message: "does not mention 'snow'" },
        { node: "say", message: "mentions 'roof'" }
      ]
    })
  })

  it("counts a clip that isn't there as a failed test, and refuses a name that nothing has", async () => {
    const cwd = project()
    writeFileSync(join(cwd, "spool.yaml"), config.replace("clip: rain.wav", "clip: snow.wav"))
    const missing = await spool(cwd, "test")
    expect([missing.code, missing.stdout.includes("snow.wav")]).toEqual([1, true])
    const unknown = await spool(cwd, "test", "fog")
    expect([unknown.code, unknown.stderr.includes("No pipeline and no test named 'fog'")]).toEqual([2, true])
    writeFileSync(join(cwd, "spool.yaml"), config.slice(0, config.indexOf("    tests:")))
    expect((await spool(cwd, "test")).stderr).toContain("The config has no tests.")
  })
})
