import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, Fiber, Redacted } from "effect"
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http"
import { ModelEmulator } from "@mediaspool/emulator"
import * as SampleMedia from "../../testing/SampleMedia.js"
import { client } from "./OpenAiClient.js"
import * as Completion from "./Completion.js"
import * as ModelSpec from "../catalog/ModelSpec.js"
import * as ProviderCatalog from "../catalog/ProviderCatalog.js"
import type { Provider, ProviderSettings } from "../catalog/Provider.js"
import type { Request } from "./RequestBody.js"

const provider = (emulator: Pick<ModelEmulator.Emulator, "baseUrl">, settings: ProviderSettings = {}): Provider =>
  Either.getOrThrow(
    ProviderCatalog.resolve("local", {
      local: { dialect: "dashscope", baseUrl: emulator.baseUrl, apiKey: { env: "UNUSED" }, ...settings }
    })
  )
/** The base URL of a server of one's own. */
const listening = (respond: RequestListener) =>
  Effect.acquireRelease(
    Effect.promise(() => {
      const server = createServer(respond)
      return new Promise<Server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)))
    }),
    (server) =>
      Effect.promise(() => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      })
  ).pipe(
    Effect.map((server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}/v1`
    })
  )
const audio = {
  url: `data:audio/wav;base64,${SampleMedia.wav("tone", { seconds: 2, sampleRate: 16000 }).toString("base64")}`,
  format: "wav"
}
const captioning = (at: Provider, more: Partial<Request> = {}): Request => ({
  model: Either.getOrThrow(ModelSpec.resolve(at, undefined, "caption")),
  audio,
  sampling: {},
  ...more
})
const asking = (at: Provider, prompt: string, model?: string): Request => ({
  model: Either.getOrThrow(ModelSpec.resolve(at, model, "ask")),
  audio,
  prompt,
  sampling: { temperature: 0.2, seed: 7 }
})
const send = (at: Provider, request: Request, key = "sk-emulator") =>
  Effect.flatMap(client(at, Redacted.make(key)), ({ send }) => send(request))
const text = (body: string) =>
  Effect.map(Completion.parse("local", body), (said) => (said._tag === "Said" ? said.text : said._tag))

describe("OpenAiClient", () => {
  it.scoped("captions at once and piece by piece, with the same words, usage and a request id", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const streamed = provider(emulator)
      const plain = provider(emulator, { stream: false })
      const a = yield* send(streamed, captioning(streamed))
      const b = yield* send(plain, captioning(plain))
      expect(yield* text(a.body)).toBe(
        "The recording lasts 2.0 seconds. It holds a tone near 440 Hz (A4) throughout. The level is loud, -9 dBFS on average. There are no pauses. No words can be made out."
      )
      expect(yield* text(b.body)).toBe(yield* text(a.body))
      expect(a.usage).toMatchObject({ inputTokens: 33, audioTokens: 25 })
      expect(a.usage).toEqual(b.usage)
      expect([a.requestId, b.requestId]).toEqual([
        expect.stringMatching(/^[0-9a-f-]{36}$/),
        expect.stringMatching(/^[0-9a-f-]{36}$/)
      ])
      expect((yield* emulator.statement).paid).toBe(2)
    })
  )

  it.scoped("streams to a model that wants nothing else, whatever the provider says", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator, { stream: false })
      const answer = yield* send(at, asking(at, "How long is it?"))
      expect(yield* text(answer.body)).toContain("lasts 2.0 seconds")
    })
  )

  it.scoped("answers who comes after a first request that was given up while the SDK was loading", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator)
      const { send, warm } = yield* client(at, Redacted.make("sk-emulator"))
      const first = yield* Effect.fork(warm)
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      expect(yield* text((yield* send(captioning(at))).body)).toContain("440 Hz")
    })
  )

  it.scoped("speaks the dialects of servers for open models", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      for (const dialect of ["vllm", "sglang"] as const) {
        const at = Either.getOrThrow(ProviderCatalog.resolve(dialect, { [dialect]: { baseUrl: emulator.selfHostedUrl } }))
        const answer = yield* Effect.flatMap(client(at, undefined), ({ send }) => send(captioning(at)))
        expect(yield* text(answer.body)).toContain("440 Hz")
        const asked = yield* Effect.flatMap(client(at, undefined), ({ send }) => send(asking(at, "What is it?")))
        expect(yield* text(asked.body)).toContain("440 Hz")
      }
    })
  )

  it.scoped("lists the models, and says so when the key is none of this region", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const models = (key: string) => Effect.flatMap(client(provider(emulator), Redacted.make(key)), ({ models }) => models)
      expect(yield* models("sk-emulator")).toContain("qwen3-omni-30b-a3b-captioner")
      expect((yield* Effect.flip(models("sk-of-beijing"))).code).toBe("KeyRefused")
    })
  )

  const refused: ReadonlyArray<readonly [string, string, string]> = [
    ["limit_requests", "RateLimited", "later"],
    ["insufficient_quota", "RateLimited", "later"],
    ["limit_burst_rate", "RateLimited", "later"],
    ["internal_error", "ServiceFailed", "now"],
    ["timeout", "ServiceTimedOut", "now"],
    ["model_serving_error", "ServiceFailed", "now"],
    ["unavailable", "ServiceFailed", "now"],
    ["moderation", "Moderated", "never"],
    ["arrearage", "NoBalance", "later"],
    ["access_denied", "AccessRefused", "later"],
    ["html", "NotTheService", "now"],
    ["redirect", "NotTheService", "now"],
    ["reset", "Interrupted", "now"]
  ]
  const broken: ReadonlyArray<readonly [string, string, string]> = [
    ["flat_error", "FailedMidway", "now"],
    ["moderation_midway", "Moderated", "never"],
    ["sse_error", "FailedMidway", "now"],
    ["truncated", "Interrupted", "now"],
    ["reset_midway", "Interrupted", "now"]
  ]

  it.scoped.each([...refused, ...broken])("streaming, %s is %s, to be tried %s", ([kind, code, retry]) =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator)
      yield* emulator.script({ kind: kind as "html" })
      const error = yield* Effect.flip(send(at, captioning(at)))
      expect([error.code, error.retry]).toEqual([code, retry])
      expect(error.message).toContain("local")
    })
  )

  it.scoped.each(refused)("at once, %s is %s, to be tried %s", ([kind, code, retry]) =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator, { stream: false })
      yield* emulator.script({ kind: kind as "html" })
      const error = yield* Effect.flip(send(at, captioning(at)))
      expect([error.code, error.retry]).toEqual([code, retry])
    })
  )

  it.scopedLive("waits for the first byte, and between two, only so long", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator, { timeouts: { firstByte: 0.3, idle: 0.2 } })
      yield* emulator.script({ kind: "slow", millis: 5000 }, { kind: "stall", millis: 5000 })
      expect((yield* Effect.flip(send(at, captioning(at)))).code).toBe("ServiceTimedOut")
      const stalled = yield* Effect.flip(send(at, captioning(at)))
      expect([stalled.code, stalled.message]).toEqual(["ServiceTimedOut", "local: the answer stopped in the middle for 0.2 s"])
    })
  )

  it.scoped("holds what may have been billed, where the provider says so, and only that", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator, { onAmbiguous: "hold" })
      yield* emulator.script({ kind: "truncated" }, { kind: "reset_midway" }, { kind: "internal_error" })
      const codes = yield* Effect.forEach([1, 2, 3], () => Effect.map(Effect.flip(send(at, captioning(at))), ({ code }) => code))
      expect(codes).toEqual(["PossiblyBilled", "PossiblyBilled", "ServiceFailed"])
    })
  )

  it.scopedLive("takes a refusal by its status, though its words never end", () =>
    Effect.gen(function* () {
      const baseUrl = yield* listening((_, response) => {
        response.writeHead(429, { "retry-after": "7" }).write('{"error":{"message":"too many')
      })
      const at = provider({ baseUrl }, { onAmbiguous: "hold", timeouts: { firstByte: 60 } })
      const error = yield* Effect.flip(send(at, captioning(at)))
      expect([error.code, error.billed, error.retryAfterMillis]).toEqual(["RateLimited", "no", 7000])
    })
  )

  it.scoped("reads an answer as what it is, whatever type a proxy gives it", () =>
    Effect.gen(function* () {
      const events = [
        { choices: [{ delta: { content: "Rain." }, finish_reason: "stop" }] },
        { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } }
      ].map((event) => `data: ${JSON.stringify(event)}\n\n`)
      const atOnce = JSON.stringify({
        choices: [{ message: { content: "Rain." }, finish_reason: "stop" }],
        usage: { prompt_tokens: 9, completion_tokens: 2 }
      })
      const answers = [
        ["text/plain", `: hello\n\n${events.join("")}data: [DONE]\n\n`],
        ["application/json", `${events.join("")}data: [DONE]\n\n`],
        ["Text/Event-Stream; charset=UTF-8", `${events.join("")}data: [DONE]\n\n`],
        ["text/event-stream", atOnce]
      ]
      const next = answers.values()
      const baseUrl = yield* listening((_, response) => {
        const [type, body] = next.next().value ?? []
        response.writeHead(200, { "content-type": type }).end(body)
      })
      const at = provider({ baseUrl })
      for (const [type] of answers) {
        const { body, usage } = yield* send(at, captioning(at))
        expect([type, yield* text(body), usage?.outputTokens]).toEqual([type, "Rain.", 2])
      }
    })
  )

  it.scopedLive("reads an answer as what it is, byte by byte", () =>
    Effect.gen(function* () {
      const body = `data: ${JSON.stringify({ choices: [{ delta: { content: "Rain." }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`
      const baseUrl = yield* listening((_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        const bytes = [...Buffer.from(body)].values()
        const next = (): unknown => {
          const { done, value } = bytes.next()
          return done === true ? response.end() : response.write(Uint8Array.of(value), () => setImmediate(next))
        }
        next()
      })
      const at = provider({ baseUrl })
      expect(yield* text((yield* send(at, captioning(at))).body)).toBe("Rain.")
    })
  )

  it.scoped("says where it was sent on to, what broke off, and what speaks no HTTP", () =>
    Effect.gen(function* () {
      const next = [
        (response: ServerResponse) => response.writeHead(307, { location: "/v1/chat/completions/?key=secret" }).end(),
        (response: ServerResponse) => response.writeHead(502).end(),
        (response: ServerResponse) => response.end('{"choices":[{"message":{"content":"Ra'),
        (response: ServerResponse) => response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n")
      ].values()
      const baseUrl = yield* listening((request, response) => {
        request.resume().on("end", () => next.next().value?.(response))
      })
      const at = provider({ baseUrl })
      const said = yield* Effect.forEach([1, 2, 3, 4], () =>
        Effect.map(Effect.flip(send(at, captioning(at))), ({ code, message }) => `${code}: ${message}`)
      )
      expect(said).toEqual([
        `NotTheService: local answered 307: a redirect to ${baseUrl}/chat/completions/, which is not followed (at ${baseUrl})`,
        "ServiceFailed: local answered 502: nothing more",
        "Interrupted: local: the answer ended in the middle of its JSON",
        `NotTheService: local: what answers at ${baseUrl} speaks no HTTP`
      ])
    })
  )

  it.scoped("passes on how long to wait", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator)
      yield* emulator.script({ kind: "limit_requests", retryAfter: 3 })
      expect((yield* Effect.flip(send(at, captioning(at)))).retryAfterMillis).toBe(3000)
    })
  )

  it.scoped("says that nothing answers when nothing does", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* Effect.scoped(ModelEmulator.start())
      const at = provider({ baseUrl })
      const error = yield* Effect.flip(send(at, captioning(at)))
      expect([error.code, error.retry]).toEqual(["Unreachable", "later"])
      expect(error.message).toContain(baseUrl)
    })
  )

  it.scoped("lets an interruption close the connection at once", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const gone = yield* Deferred.make<void>()
      const at = provider({
        baseUrl: yield* listening((request) => {
          Deferred.unsafeDone(arrived, Effect.void)
          request.resume().socket.once("close", () => Deferred.unsafeDone(gone, Effect.void))
        })
      })
      const sending = yield* Effect.fork(send(at, captioning(at)))
      yield* Deferred.await(arrived)
      yield* Fiber.interrupt(sending)
      yield* Deferred.await(gone)
    })
  )

  it.scoped("tells nobody the key, and sends nothing that was meant for somebody else", () =>
    Effect.gen(function* () {
      const seen: Array<Record<string, unknown>> = []
      const at = provider({
        baseUrl: yield* listening((request, response) => {
          seen.push(request.headers)
          const message = `Incorrect API key provided: ${request.headers.authorization}`
          response.writeHead(401, { "content-type": "application/json" })
          response.end(JSON.stringify({ error: { code: "invalid_api_key", message } }))
        })
      })
      process.env["OPENAI_CUSTOM_HEADERS"] = "X-Canary: for-another-service"
      process.env["OPENAI_ORG_ID"] = "org-canary"
      const error = yield* Effect.flip(send(at, captioning(at), "sk-canary-1234567890")).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            delete process.env["OPENAI_CUSTOM_HEADERS"]
            delete process.env["OPENAI_ORG_ID"]
          })
        )
      )
      expect(error.code).toBe("KeyRefused")
      expect(JSON.stringify(error) + String(error)).not.toContain("canary")
      expect(JSON.stringify({ ...seen[0], authorization: "" })).not.toContain("canary")
    })
  )
})
