import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Schema } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { folder, spool, start, values } from "./Spool.js"

const Summary = Schema.Struct({
  outcome: Schema.String,
  items: Schema.Struct({ done: Schema.Number, failed: Schema.Number })
})

/** A stage that starts a program which takes its time, and says when it has begun. */
const plugin = `
import { Command } from "@effect/platform"
import { Failure, Field, Kind, Plugin, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { appendFileSync } from "node:fs"

class Slept extends Schema.TaggedClass<Slept>("Slept")("Slept", { name: Schema.String }) {}
class SleepError extends Failure.Class<SleepError>()("SleepError", { NotSlept: { retry: "now", help: "Try again." } }) {}

const sleep = Stage.make({
  name: "sleep", version: 1, summary: "Sleeps", input: { file: SourceFile }, output: Slept,
  config: Schema.Struct({ seconds: Field.required(Schema.Number, "How long") }), error: SleepError,
  run: ({ file }, { seconds }) =>
    Effect.gen(function* () {
      const program = yield* Command.start(Command.make("sleep", String(seconds)))
      appendFileSync("begun", program.pid + "\\n")
      yield* program.exitCode
      return new Slept({ name: file.file.hash })
    }).pipe(Effect.scoped, Effect.mapError((error) => new SleepError({ code: "NotSlept", detail: String(error) })))
})
export default Plugin.make({ name: "sleep", stages: [sleep], permissions: { programs: ["sleep"] } })
`
const config = (seconds: number) => `plugins: ["./sleep.ts"]
pipelines: { naps: { source: { folder: in }, stages: { sleep: { with: { seconds: ${seconds} }, concurrency: 4 } } } }
`
const home = (seconds: number, files = 6): string =>
  folder({
    "sleep.ts": plugin,
    "spool.yaml": config(seconds),
    ...Object.fromEntries(
      Array.from({ length: files }, (_, seed) => [`in/${seed}.wav`, SampleMedia.wav("noise", { seconds: 0.02, seed })])
    )
  })

const begun = (folder: string): ReadonlyArray<number> =>
  existsSync(join(folder, "begun")) ? readFileSync(join(folder, "begun"), "utf8").trim().split("\n").map(Number) : []

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A stage that never lets go of the process. */
const spinning = `
import { Failure, Field, Plugin, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
class Spun extends Schema.TaggedClass<Spun>("Spun")("Spun", {}) {}
const spin = Stage.make({
  name: "spin", version: 1, summary: "Spins", input: { file: SourceFile }, output: Spun, config: Field.none, error: Failure.None,
  run: () => Effect.sync(() => { for (;;); })
})
export default Plugin.make({ name: "spin", stages: [spin] })
`

describe("spool run, asked to stop", () => {
  it("names a stage that blocks the whole process, and ends at Ctrl-C all the same", async () => {
    const place = folder({
      "spin.ts": spinning,
      "spool.yaml": 'plugins: ["./spin.ts"]\npipelines: { rounds: { source: { folder: in }, stages: { spin: {} } } }\n',
      "in/a.wav": SampleMedia.wav("noise", { seconds: 0.02, seed: 1 })
    })
    const { child, said } = start(place, ["run", "--json"])
    let told = ""
    child.stderr?.on("data", (text: string) => (told += text))
    await until(() => told.includes("blocks the whole process"))
    child.kill("SIGINT")
    expect((await said).code).toBeNull()
    expect(child.signalCode).toBe("SIGINT")
    expect(told).toContain("spin of in/a.wav")
  })

  it("names an import that never ends, and ends at Ctrl-C all the same", async () => {
    const place = folder({
      "spin.ts": "for (;;);\nexport default 1\n",
      "spool.yaml": 'plugins: ["./spin.ts"]\npipelines: { rounds: { source: { folder: in }, stages: { probe: {} } } }\n'
    })
    const { child, said } = start(place, ["check"])
    let told = ""
    child.stderr?.on("data", (text: string) => (told += text))
    await until(() => told.includes("The import of spin.ts blocks the whole process"))
    child.kill("SIGTERM")
    await said
    expect(child.signalCode).toBe("SIGTERM")
  })

  it("finishes what it has begun at the first Ctrl-C, begins nothing new, and goes on with the next run", async () => {
    // More files than are in flight at the same time.
    const count = 400
    const place = home(0.01, count)
    const { child, said } = start(place, ["run", "--json"])
    await until(() => begun(place).length >= 2)
    child.kill("SIGINT")
    const stopped = await said
    expect(stopped.code).toBe(130)
    const summary = Schema.decodeUnknownSync(Summary)(values(stopped).at(-1))
    expect(summary.outcome).toBe("drained")
    expect(summary.items).toMatchObject({ done: begun(place).length, failed: 0 })
    expect(summary.items.done).toBeLessThan(count)
    const rest = await spool(place, "run", "--json")
    expect(rest.code).toBe(0)
    expect(values(rest).at(-1)).toMatchObject({ items: { total: count, done: count } })
    expect(begun(place)).toHaveLength(count)
  }, 120_000)

  it("stops at the second Ctrl-C and leaves no child", async () => {
    const place = home(300)
    const { child, said } = start(place, ["run"])
    await until(() => begun(place).length >= 2)
    child.kill("SIGINT")
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(child.exitCode).toBe(null)
    child.kill("SIGINT")
    expect((await said).code).toBe(130)
    expect(begun(place).filter(lives)).toEqual([])
  }, 60_000)

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129]
  ] as const)(
    "finishes what was nearly done at %s, and ends with %i",
    async (signal, code) => {
      const place = home(1)
      const { child, said } = start(place, ["run", "--json"])
      await until(() => begun(place).length >= 2)
      child.kill(signal)
      const stopped = await said
      expect(stopped.code).toBe(code)
      expect(values(stopped).at(-1)).toMatchObject({ outcome: "drained", items: { failed: 0 } })
    },
    60_000
  )
})

describe("a reader that ends", () => {
  it("lets a run finish without output, and ends an answer quietly", async () => {
    const place = home(0.3, 8)
    const { child, said } = start(place, ["run", "--json"])
    await until(() => begun(place).length >= 2)
    child.stdout?.destroy()
    child.stderr?.destroy()
    expect((await said).code).toBe(0)
    expect(begun(place)).toHaveLength(8)
    const reader = start(place, ["ls", "--json"])
    reader.child.stdout?.destroy()
    expect(await reader.said).toMatchObject({ code: 0, stderr: "" })
  }, 120_000)
})

describe("an error outside of a stage's Effect", () => {
  const broken = (statement: string): string =>
    folder({
      "sleep.ts": plugin.replace("yield* program.exitCode", `${statement}; yield* program.exitCode`),
      "spool.yaml": config(5),
      "in/a.wav": SampleMedia.wav("noise", { seconds: 0.02 })
    })

  it("ends the run in order, names the plugin, and is no success", async () => {
    const { code, stderr } = await spool(broken('setTimeout(() => { throw new Error("boom") }, 5)'), "run")
    expect(code).toBe(1)
    expect(stderr).toContain("✗ An error in sleep.ts, outside of its stage: boom (StrayError)")
  }, 60_000)

  it("a plugin can't end the process", async () => {
    const { code, stdout } = await spool(broken("process.exit(0)"), "run")
    expect(code).toBe(1)
    expect(stdout).toContain("process.exit was called: a plugin must not end the process (PluginExited)")
  }, 60_000)
})
