import { describe, expect, it } from "@effect/vitest"
import { ModelEmulator } from "@mediaspool/emulator"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { join } from "node:path"
import { folder, start } from "./Spool.js"

const KEYS = { ONE_KEY: "sk-canary-0815", OTHER_KEY: "canary4711" }

/** A service that says back what it was sent, as some do with a key that they refuse; gives its port. */
const echo = Effect.map(
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = createServer((request, response) => {
        const message = `Incorrect API key provided: ${request.headers.authorization?.replace("Bearer ", "")}`
        response.writeHead(400, { "content-type": "application/json" })
        response.end(JSON.stringify({ error: { message, code: "invalid_parameter" } }))
      }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => void server.close())
  ),
  (server) => {
    const address = server.address()
    return typeof address === "object" ? (address?.port ?? 0) : 0
  }
)

/** Every file below a folder, as text. */
const everything = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, text: readFileSync(join(entry.parentPath, entry.name), "latin1") }))

describe("A key", () => {
  it.scopedLive("stands nowhere but in the environment, also when the service says it back", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const port = yield* echo
      const config = `providers:
  good: { dialect: dashscope, baseUrl: "${emulator.baseUrl}", apiKey: { env: ONE_KEY }, rpm: none, tpm: none }
  bad: { dialect: dashscope, baseUrl: "http://127.0.0.1:${port}/v1", apiKey: { env: OTHER_KEY }, rpm: none, tpm: none }
  worse: { dialect: dashscope, baseUrl: "http://127.0.0.1:${port}/v1", apiKey: { env: ONE_KEY }, rpm: none, tpm: none }
pipelines:
  sounds:
    source: { folder: in }
    stages:
      probe: {}
      copy: { use: transcode }
      caption: { with: { provider: good } }
      again: { use: caption, with: { provider: bad }, retry: { times: 0 } }
      more: { use: caption, with: { provider: worse }, retry: { times: 0 } }
      persist: {}
`
      const home = folder({ "spool.yaml": config, "in/tone.wav": SampleMedia.wav("tone", { seconds: 1 }) })
      const run = yield* Effect.promise(() => start(home, ["run", "--json"], KEYS).said)
      const said = [run, yield* Effect.promise(() => start(home, ["errors"], KEYS).said)]
      const seen = [
        ...said.flatMap(({ stderr, stdout }) => [
          { name: "stdout", text: stdout },
          { name: "stderr", text: stderr }
        ]),
        ...everything(home)
      ]
      expect(seen.filter(({ text }) => text.includes("Incorrect API key provided")).map(({ name }) => name)).toContain("spool.db")
      for (const key of Object.values(KEYS))
        expect(seen.filter(({ text }) => text.includes(key)).map(({ name }) => name)).toEqual([])
    })
  )
})
