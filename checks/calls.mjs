// Kills the command while a plugin of the plainest kind makes paid calls: several windows a file, two at a time, no care taken.
//   node checks/calls.mjs [--kills N] [--seed N]
// The service counts in this process. With `retry` nothing is paid but keys and what was in flight at a kill; with `hold` no key is
// paid twice before somebody requeues it.
import { createServer } from "node:http"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Chance from "./durability/Chance.mjs"
import * as Home from "./durability/Home.mjs"
import { intents } from "./durability/Invariants.mjs"
import { Report } from "./durability/Report.mjs"
import * as Sound from "./durability/Sound.mjs"

const { values } = parseArgs({
  options: { kills: { type: "string", default: "20" }, seed: { type: "string", default: String(Date.now() % 100_000) } }
})
const FILES_A_ROUND = 2
const WINDOWS = 9

/** A service that refuses, is slow, and bills what it works for. */
const service = async (chance) => {
  const paid = new Map()
  const server = createServer(async (request, response) => {
    let body = ""
    for await (const part of request) body += part
    if (chance() < 0.15) return void response.writeHead(503).end("busy")
    const { key } = JSON.parse(body)
    paid.set(key, (paid.get(key) ?? 0) + 1)
    setTimeout(() => response.writeHead(200).end(`heard ${key}`), 20 + chance() * 80)
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    paid,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

const plugin = (onAmbiguous) => `import { HttpClient, HttpClientRequest } from "@effect/platform"
import { CallHeld, Calls, Failure, Field, Plugin, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"

export class Transcript extends Schema.TaggedClass("naive/Transcript")("NaiveTranscript", { text: Schema.String }) {}
export class AsrError extends Failure.Class()("AsrError", {
  AsrBusy: { retry: "now", billed: "no", help: "Another try may succeed." },
  AsrBroke: { retry: "now", help: "Another try may succeed." }
}) {}

const ask = (url, key) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const response = yield* client.execute(HttpClientRequest.post(url).pipe(HttpClientRequest.bodyUnsafeJson({ key })))
    const body = yield* response.text
    if (response.status === 200) return { body }
    return yield* new AsrError({ code: "AsrBusy", detail: String(response.status) })
  }).pipe(
    Effect.catchTags({
      RequestError: ({ message }) => new AsrError({ code: "AsrBroke", detail: message }),
      ResponseError: ({ message }) => new AsrError({ code: "AsrBroke", detail: message })
    })
  )

export const transcript = Stage.make({
  name: "transcript",
  version: 1,
  summary: "Asks about nine windows, two at a time",
  input: { file: SourceFile },
  output: Transcript,
  config: Schema.Struct({ url: Field.required(Schema.String, "Where the service is") }),
  error: Schema.Union(AsrError, CallHeld),
  run: ({ file }, { url }) =>
    Effect.gen(function* () {
      const calls = yield* Calls
      const replies = yield* Effect.forEach(
        Array.from({ length: ${WINDOWS} }, (_, n) => file.file.hash + "-" + n),
        (key) => calls.call({ identity: { key }, account: "asr", model: "asr-1", onAmbiguous: "${onAmbiguous}" }, ask(url, key)),
        { concurrency: 2 }
      )
      return new Transcript({ text: replies.map(({ body }) => body).join("\\n") })
    })
})
export default Plugin.make({ name: "naive", stages: [transcript], permissions: { hosts: ["*"] } })
`

const config = (url) => `plugins: [./naive.mjs]
pipelines:
  sounds:
    source: { folder: ./inbox, settle: 0 }
    stages:
      ingest: {}
      transcript: { with: { url: "${url}" }, retry: { times: 30, delay: 20ms, maxDelay: 100ms } }
`

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** One policy, from an empty folder to the last file. */
const life = async (onAmbiguous, { chance, kills, report, root }) => {
  const asr = await service(chance)
  const home = Home.make(join(root, onAmbiguous), { config: config(asr.url) })
  writeFileSync(join(home.folder, "naive.mjs"), plugin(onAmbiguous))
  /** Calls without an answer on disk when the command was killed, each time that they were sent. */
  const inFlight = new Set()
  let killed = 0
  for (let n = 0; killed < kills; n++) {
    for (let file = 0; file < FILES_A_ROUND; file++)
      writeFileSync(join(home.inbox, `${n}-${file}.wav`), Sound.recording(2 * n + file))
    const { child, ended } = home.start(["run"])
    const before = asr.paid.size
    while (asr.paid.size === before && child.exitCode === null && child.signalCode === null) await sleep(5)
    await sleep(chance() * 300)
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, "SIGKILL")
      killed++
    }
    await ended
    for (const intent of intents(home.state)) inFlight.add(intent)
  }
  const total = () => [...asr.paid.values()].reduce((sum, times) => sum + times, 0)
  let last = await home.spool("run", "--json")
  if (onAmbiguous === "hold") {
    const twice = [...asr.paid].filter(([, times]) => times > 1)
    report.hold(
      "hold",
      twice.map(([key, times]) => `${key} was paid ${times} times before anybody requeued it`)
    )
    await home.spool("requeue", "--failed")
    last = await home.spool("run", "--json")
  }
  const keys = asr.paid.size
  report.say(`${onAmbiguous}: ${killed} kills, ${keys} keys, paid ${total()}, ${inFlight.size} in flight at a kill`)
  if (last.code !== 0) report.hold(onAmbiguous, [`the last run ended with ${last.code}: ${last.stderr.slice(-300)}`])
  if (total() > keys + inFlight.size)
    report.hold(onAmbiguous, [`paid ${total()} for ${keys} keys and ${inFlight.size} in flight`])
  asr.close()
}

const root = Home.temporary("calls")
mkdirSync(root, { recursive: true })
const report = new Report()
const chance = Chance.make(Number(values.seed))
report.say(`seed ${values.seed}`)
for (const onAmbiguous of ["retry", "hold"])
  await life(onAmbiguous, { chance: () => chance.next(), kills: Number(values.kills), report, root })
report.end(root)
