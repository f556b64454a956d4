// Asking a model: how much of an account's limits is used without a single refusal, what the client itself costs, and the memory that
// a 40-minute recording takes. The service is the emulator, in a process of its own, which counts requests and tokens by the second.
// The peer of each figure is what the service allows, or what its answers take.
//   node benchmarks/model.mjs [seconds]
//   node benchmarks/model.mjs SECONDS embedding    only the captions that are embedded
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Secrets } from "@mediaspool/core"
import { Caption, embed, makeModels, ModelCall, Models } from "@mediaspool/plugins"
import { ModelEmulator } from "@mediaspool/emulator"
import { Effect, Layer, Redacted } from "effect"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { figure } from "./Figure.mjs"
import { tone } from "./Recording.mjs"

const seconds = Number(process.argv[2] ?? 45)

/** Asks so many questions about a sound, all at once, as the account allows; gives what was billed and how long it took. */
const ask = (emulator, { count, limits, audio: { seconds, wav } }) =>
  Effect.gen(function* () {
    const models = yield* Models
    const route = yield* models.route("local", undefined, "caption")
    const url = `data:audio/wav;base64,${wav.toString("base64")}`
    const question = (n) => ({
      routes: [route],
      identity: { n },
      audio: { seconds, bytes: url.length, part: () => Effect.succeed({ url, format: "wav" }) },
      sampling: { seed: n }
    })
    // One before the clock starts: the SDK loads, and a connection opens.
    yield* ModelCall.ask(question(count))
    yield* Effect.sleep("1500 millis")
    yield* emulator.clear
    const begun = performance.now()
    yield* Effect.forEach(
      Array.from({ length: count }, (_, n) => question(n)),
      ModelCall.ask,
      {
        concurrency: limits.concurrency ?? 64,
        discard: true
      }
    )
    return { millis: performance.now() - begun, ...(yield* emulator.statement) }
  }).pipe(account(emulator, limits))

/** Makes vectors of so many different captions as the stage does, as fast as the account allows. */
const embedAll = (emulator, { count, limits }) =>
  Effect.gen(function* () {
    const config = { provider: "local", model: undefined, dimensions: 64 }
    const caption = (n) => ({
      text: `Recording ${n}: rain on a roof, and a door`,
      model: "m",
      provider: "p",
      segments: [],
      omitted: []
    })
    const one = (n) => embed.run({ said: [{ node: "caption", value: new Caption(caption(n)) }] }, config)
    yield* one(count)
    yield* Effect.sleep("1500 millis")
    yield* emulator.clear
    const begun = performance.now()
    yield* Effect.forEach(
      Array.from({ length: count }, (_, n) => n),
      one,
      { concurrency: 640, discard: true }
    )
    return { millis: performance.now() - begun, ...(yield* emulator.statement) }
  }).pipe(account(emulator, limits))

/** The emulator's account, with these limits. */
const account = (emulator, limits) => (program) =>
  program.pipe(
    Effect.provide(
      Layer.effect(
        Models,
        makeModels({
          providers: {
            local: {
              dialect: "dashscope",
              baseUrl: emulator.baseUrl,
              apiKey: { env: "KEY" },
              rpm: "none",
              tpm: "none",
              concurrency: 64,
              ...limits
            }
          }
        })
      )
    ),
    Effect.provideService(Secrets, { resolve: () => Effect.succeed(Redacted.make("sk-emulator")) }),
    Effect.provide(Layer.merge(FetchHttpClient.layer, NodeContext.layer))
  )

const ANSWER = 1_000
/** As few bytes as a tone needs: what is measured is the traffic, not how fast audio is read. */
const sound = (seconds) => ({ seconds, wav: tone(seconds, { rate: 1_000, bits: 8 }) })
const refusals = ({ refused }) => Object.values(refused).reduce((sum, one) => sum + one, 0)

/** Requests of few tokens meet the limit on requests, those of many the one on tokens. */
const limited = (name, audio, share) =>
  Effect.gen(function* () {
    const emulator = yield* ModelEmulator.startProcess({ settings: { rpm: 600, tpm: 1_000_000, answerMillis: ANSWER } })
    const count = Math.round(10 * seconds * share)
    const told = yield* ask(emulator, { count, audio, limits: { rpm: 600, tpm: 1_000_000 } })
    const time = (told.millis - ANSWER) / 1000
    const requests = count / time / 10
    const tokens = (told.inputTokens + told.outputTokens) / time / (1_000_000 / 60)
    console.log(
      `${count} requests of ${Math.round(told.inputTokens / told.paid)} tokens in ${time.toFixed(1)} s: ${(requests * 600).toFixed(0)} requests and ${(tokens * 1_000_000).toFixed(0)} tokens a minute`
    )
    return [
      figure({ name: `${name}, of what is allowed`, ratio: Math.max(requests, tokens), atLeast: 0.95 }),
      figure({
        name: `${name}: requests for each that was answered`,
        ratio: told.requests / told.paid,
        atMost: 1,
        detail: `(${refusals(told)} refused)`
      })
    ]
  }).pipe(Effect.scoped)

/** Ten captions a request, ten requests a second. */
const embedding = Effect.gen(function* () {
  const emulator = yield* ModelEmulator.startProcess({ settings: { rpm: 600, tpm: 1_000_000, answerMillis: ANSWER } })
  const count = 100 * seconds
  const told = yield* embedAll(emulator, { count, limits: { rpm: 600, tpm: 1_000_000 } })
  const rate = count / ((told.millis - ANSWER) / 1000)
  return [
    figure({
      name: "captions embedded, of what ten a request and 600 requests a minute allow",
      ratio: rate / 100,
      atLeast: 0.95,
      detail: `${rate.toFixed(0)} a second, ${told.paid} requests for ${count}, ${refusals(told)} refused`
    })
  ]
}).pipe(Effect.scoped)

const unlimited = Effect.gen(function* () {
  const emulator = yield* ModelEmulator.startProcess({ settings: { answerMillis: ANSWER } })
  const rounds = 12
  const { millis } = yield* ask(emulator, { count: 32 * rounds, audio: sound(1), limits: { concurrency: 32 } })
  return [
    figure({ name: "32 at the same time, of the ideal with answers of 1 s", ratio: (rounds * ANSWER) / millis, atLeast: 0.95 })
  ]
}).pipe(Effect.scoped)

const isWhole = process.argv[3] !== "embedding"
const figures = isWhole
  ? [limited("limit on requests", sound(2), 1), limited("limit on tokens", sound(180), 0.7), embedding, unlimited]
  : [embedding]
const met = await Effect.runPromise(Effect.map(Effect.all(figures), (all) => all.flat()))
for (const window of isWhole ? ["30", "whole"] : []) {
  const program = fileURLToPath(new URL("./ModelMemory.mjs", import.meta.url))
  const { status, stderr, stdout } = spawnSync(process.execPath, ["--expose-gc", program, window], { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr)
  const { grown, paid, seconds } = JSON.parse(stdout)
  console.log(
    `40 minutes, window ${window}: ${paid} requests in ${seconds.toFixed(1)} s, the process grew by ${grown.toFixed(0)} MB`
  )
  met.push(figure({ name: `memory for 40 minutes, window ${window}, of 100 MB`, ratio: grown / 100, atMost: 1 }))
}
process.exitCode = met.every(Boolean) ? 0 : 1
