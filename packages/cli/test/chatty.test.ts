import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bin, folder, type Said, start } from "./Spool.js"
import { canRecord, record } from "./Terminal.fixture.js"

/** A plugin that talks wherever it can, and names its key while it does. */
const plugin = `
import { Failure, Field, Plugin, Secrets, SecretError, Sink, SourceFile, Stage } from "@mediaspool/core"
import { Context, Effect, Layer, Schema } from "effect"

console.log("chatter on import")

class Voice extends Context.Tag("chatty/Voice")<Voice, { readonly key: string }>() {}
class Said extends Schema.TaggedClass<Said>("chatty/Said")("ChattySaid", { text: Schema.String }) {}
const secret = { env: "CHATTY_KEY" }

const chat = Stage.make({
  name: "chat", version: 1, summary: "Talks while it works",
  input: { file: SourceFile }, output: Said, config: Field.none, error: SecretError,
  secrets: () => Effect.as(Effect.log("chatter of secrets"), [secret]),
  keyParts: () => Effect.as(Effect.logWarning("chatter of keyParts"), {}),
  run: () => Effect.gen(function* () {
    const secrets = yield* Secrets
    yield* secrets.resolve(secret)
    yield* Effect.logWarning("chatter of the stage", "with the key", process.env.CHATTY_KEY).pipe(Effect.annotateLogs("step", 3))
    yield* Effect.fork(Effect.log("chatter of a fiber"))
    console.log("chatter with console.log", process.env.CHATTY_KEY)
    process.stdout.write("chatter without ")
    process.stdout.write(new TextEncoder().encode("a line end\\n"))
    yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10)).then(() => console.info("chatter of a promise")))
    return new Said({ text: "rain" })
  })
})

const post = Sink.make({
  name: "post", version: 1, summary: "Talks while it posts",
  input: { said: Said }, output: Said, config: Field.none, error: Failure.None,
  isExcluded: () => Effect.as(Effect.log("chatter of isExcluded"), false),
  isWritten: () => Effect.as(Effect.log("chatter of isWritten"), false),
  run: ({ said }) => Effect.as(Effect.log("chatter of the sink"), said)
})

export default Plugin.make({
  name: "chatty", stages: [chat, post], permissions: { secrets: ["CHATTY_KEY"] },
  layer: Layer.effect(Voice, Effect.as(Effect.log("chatter of the layer"), { key: "k" }))
})
`

const project = mkdtempSync(join(tmpdir(), "mediaspool-cli-"))

/** In each copy the same plugin at the same place: its TypeScript is compiled once. */
const config = `plugins: ["${join(project, "chatty.ts")}"]
pipelines:
  sounds:
    source: { folder: in }
    stages: { chat: {}, post: {}, persist: {} }
    tests: { tone: { clip: in/tone.wav, expect: { chat: { mentions: [rain] } } } }
`
const KEY = "sk-chatty-0815"
const env = { CHATTY_KEY: KEY, SPOOL_BIN: bin }

/** What each command is called with; one that isn't here is called without anything. */
const words: Readonly<Record<string, ReadonlyArray<string>>> = {
  check: ["--env"],
  emulator: ["--port", "0"],
  forget: ["nothing-of-that-name", "--yes"],
  init: ["elsewhere"],
  plugin: ["dev", "chat", "--once", "--sample", "tone"],
  samples: ["tone", "--into", "samples"],
  search: ["rain"],
  show: ["in/tone.wav"],
  why: ["in/tone.wav"]
}
/** They go on until they are told to end. */
const endless = ["emulator", "serve", "watch", "worker"]

beforeAll(async () => {
  mkdirSync(join(project, "in"))
  writeFileSync(join(project, "chatty.ts"), plugin)
  writeFileSync(join(project, "spool.yaml"), config)
  writeFileSync(join(project, "in/tone.wav"), SampleMedia.wav("tone", { seconds: 1 }))
  expect(await start(project, ["run"], env).said).toMatchObject({ code: 0 })
}, 60_000)
afterAll(() => rmSync(project, { recursive: true, force: true }))

/** A project of its own, with a run in it. */
const copy = (): string => {
  const path = folder()
  cpSync(project, path, { recursive: true })
  return path
}

/** As the reference says, which a test holds to the commands themselves: asking each for its help would take as long as the rest. */
const reference = readFileSync(new URL("../../../docs/reference/cli.md", import.meta.url), "utf8")
const speaksJson = (command: string): boolean =>
  (reference.split(`\n## spool ${command}\n`)[1] ?? "").split("\n## ")[0]?.includes("[--json]") === true

const call = (cwd: string, args: ReadonlyArray<string>): Promise<Said> => {
  const { child, said } = start(cwd, args, env)
  if (endless.includes(args[0] ?? "")) child.stdout?.once("data", () => child.kill("SIGINT"))
  return said
}

const strays = ({ stdout }: Said): ReadonlyArray<string> =>
  stdout.split("\n").filter((line) => {
    if (line === "") return false
    try {
      return typeof JSON.parse(line) !== "object"
    } catch {
      return true
    }
  })

describe("A plugin that talks", { timeout: 240_000 }, () => {
  it("leaves stdout to the command, whichever it is", async () => {
    const help = (await start(project, ["--help"]).said).stdout
    const commands = [...help.matchAll(/^ {2}([a-z][a-z-]+) {2,}\S/gm)].map(([, name = ""]) => name)
    expect(commands).toEqual(expect.arrayContaining(["run", "check", "watch", "plugin", "schema"]))
    const seen: Array<readonly [string, unknown]> = []
    const left = [...commands]
    const next = async (): Promise<void> => {
      const command = left.shift()
      if (command === undefined) return
      const args = [command, ...(words[command] ?? [])]
      const json = speaksJson(command)
      const said = await call(copy(), json ? [...args, "--json"] : args)
      if (json) seen.push([command, strays(said)])
      else seen.push([command, said.stdout.split("\n").filter((line) => line.includes("chatter"))])
      seen.push([command, (said.stdout + said.stderr).includes(KEY) ? "names the key" : []])
      await next()
    }
    await Promise.all([next(), next()])
    expect(seen.filter(([, found]) => !Array.isArray(found) || found.length > 0)).toEqual([])
  })

  it("is heard on stderr, with node, plugin and file", async () => {
    const cwd = copy()
    const { stderr } = await start(cwd, ["run", "--rerun", "chat"], env).said
    for (const line of [
      "warn chat (chatty) in/tone.wav: chatter of the stage with the key <redacted>  step=3",
      "info chat (chatty) in/tone.wav: chatter of a fiber",
      "info chat (chatty) in/tone.wav: chatter with console.log <redacted>  (written to stdout)",
      "info chat (chatty) in/tone.wav: chatter without a line end  (written to stdout)",
      "warn chat (chatty): chatter of keyParts",
      "info chatter of a promise  (written to stdout)",
      "info chatty: chatter of the layer",
      "info post (chatty) in/tone.wav: chatter of isWritten"
    ])
      expect(stderr.split("\n")).toContain(line)
  })

  it("is heard as JSON, for scripts", async () => {
    const cwd = copy()
    const { stderr } = await start(cwd, ["run", "--rerun", "chat", "--json"], env).said
    const lines = stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
    expect(lines).toContainEqual({
      type: "log",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      level: "warn",
      pipeline: "sounds",
      node: "chat",
      plugin: "chatty",
      path: join(cwd, "in/tone.wav"),
      message: "chatter of the stage with the key <redacted>",
      annotations: { step: "3" }
    })
    expect(lines).toContainEqual(expect.objectContaining({ message: "chatter with console.log <redacted>", stream: "stdout" }))
  })

  it("is quieter when it is asked to be", async () => {
    const { stderr } = await start(copy(), ["run", "--rerun", "chat", "--log-level", "error"], env).said
    expect(stderr).not.toContain("chatter of the stage")
  })

  it.runIf(canRecord)("stands above the progress on a terminal", async () => {
    const { screens } = await record(copy(), ["env", `CHATTY_KEY=${KEY}`, process.execPath, bin, "run", "--rerun", "chat"])
    const last = screens.at(-1)?.split("\n") ?? []
    const at = last.findIndex((line) => line.includes("chatter of the stage"))
    expect(at).toBeGreaterThanOrEqual(0)
    expect(at).toBeLessThan(last.findIndex((line) => line.startsWith("sounds: ")))
    // Nothing of the progress stays between the lines.
    expect(last.filter((line) => line.includes("chat 0 →"))).toEqual([])
  })
})
