import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { type Call, Calls, Cost, type Reply, Secrets } from "@mediaspool/core"
import { Effect, Layer, Redacted } from "effect"
import { ModelEmulator } from "@mediaspool/emulator"
import * as SampleMedia from "../testing/SampleMedia.js"
import { make, Models } from "./Models.js"
import type { Providers } from "./catalog/Provider.js"
import * as ModelCall from "./ModelCall.js"

/** What the ledger would hold. */
const recording = () => {
  const log = new Map<string, { readonly call: Call; readonly reply: Reply }>()
  const service: Calls["Type"] = {
    call: (call, request, ready = Effect.void) =>
      Effect.suspend(() => {
        const key = JSON.stringify(call.identity)
        const found = log.get(key)
        if (found !== undefined) return Effect.succeed(found.reply)
        return Effect.tap(Effect.scoped(Effect.zipRight(ready, request)), (reply) =>
          Effect.sync(() => log.set(key, { call, reply }))
        )
      }),
    decide: (_, decide) => decide
  }
  return { log, service }
}

const audio = (seconds = 2) => {
  const wav = SampleMedia.wav("tone", { seconds, sampleRate: 16000 })
  return {
    seconds,
    bytes: wav.length * 1.4,
    part: () => Effect.succeed({ url: `data:audio/wav;base64,${wav.toString("base64")}`, format: "wav" })
  }
}
const settings = (emulator: ModelEmulator.Emulator, more: Providers = {}): Providers => ({
  local: { dialect: "dashscope", baseUrl: emulator.baseUrl, apiKey: { env: "KEY" } },
  ...more
})
const caption = (identity: Record<string, string> = {}, ...providers: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const models = yield* Models
    const [first, ...others] = yield* Effect.forEach(providers.length === 0 ? ["local"] : providers, (name) =>
      models.route(name, undefined, "caption")
    )
    if (first === undefined) return yield* Effect.dieMessage("no route")
    return yield* ModelCall.ask({
      routes: [first, ...others],
      identity: { task: "caption", ...identity },
      audio: audio(),
      sampling: {}
    })
  })
const using =
  (providers: Providers, calls: Calls["Type"], keys: Record<string, string> = {}) =>
  <A, E>(effect: Effect.Effect<A, E, Models>) =>
    effect.pipe(
      Effect.provide(Layer.effect(Models, make({ providers }))),
      Effect.provideService(Calls, calls),
      Effect.provideService(Secrets, {
        resolve: (ref) => Effect.succeed(Redacted.make("env" in ref ? (keys[ref.env] ?? "sk-emulator") : ""))
      }),
      Effect.provide(Layer.merge(NodeHttpClient.layerUndici, NodeContext.layer))
    )

describe("ModelCall", () => {
  it.scopedLive("is paid once: the second time the recorded reply answers, with its tokens and price", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const { log, service } = recording()
      const priced = settings(emulator, {
        local: {
          dialect: "dashscope",
          baseUrl: emulator.baseUrl,
          apiKey: { env: "KEY" },
          models: { "qwen3-omni-30b-a3b-captioner": { price: { currency: "USD", audioIn: 3.81, textOut: 3.06 } } }
        }
      })
      const first = yield* using(priced, service)(caption())
      const second = yield* using(priced, service)(caption())
      expect(second).toEqual(first)
      expect(first.completion).toMatchObject({ _tag: "Said", text: expect.stringContaining("440 Hz") })
      expect((yield* emulator.statement).paid).toBe(1)
      const [entry] = log.values()
      expect(entry?.call.account).toBe("local")
      expect(entry?.call.estimate && Cost.format(entry.call.estimate)).toBe("0.00131925 USD")
      expect(entry?.reply.price && Cost.format(entry.reply.price)).toMatch(/^0\.000\d+ USD$/)
    })
  )

  it.scopedLive("is known by authority, model and parameters, never by an address's name or a key", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const { log, service } = recording()
      yield* using(settings(emulator), service, { KEY: "sk-emulator" })(caption())
      const identity = JSON.stringify([...log.values()].map(({ call }) => call.identity))
      expect(identity).toBe(
        `[{"task":"caption","authority":"127.0.0.1:${emulator.port}/compatible-mode/v1","model":"qwen3-omni-30b-a3b-captioner","sampling":{}}]`
      )
    })
  )

  it.scopedLive("takes moderation for an answer, and doesn't ask again", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const { service } = recording()
      yield* emulator.script({ kind: "moderation" }, { kind: "moderation_midway" })
      for (const part of ["a", "a", "b", "b"])
        expect((yield* using(settings(emulator), service)(caption({ part }))).completion).toMatchObject({ _tag: "Moderated" })
      expect((yield* emulator.statement).requests).toBe(2)
    })
  )

  it.scopedLive("waits out a refusal for too much traffic, and gives up when it doesn't end", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const { log, service } = recording()
      yield* emulator.script({ kind: "limit_requests", times: 2, retryAfter: 0.05 })
      yield* using(settings(emulator), service)(caption())
      expect(yield* emulator.statement).toMatchObject({ requests: 3, paid: 1 })
      yield* emulator.script({ kind: "insufficient_quota", times: 99, retryAfter: 0.01 })
      const error = yield* Effect.flip(using(settings(emulator), service)(caption({ part: "b" })))
      expect(error).toMatchObject({ code: "RateLimited", retry: "later", retryAfterMillis: 10 })
      expect(log.size).toBe(1)
    })
  )

  it.scopedLive("calls failures in a row an outage, and one in between not", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      yield* emulator.script({ kind: "internal_error", times: 4 })
      yield* emulator.script({ kind: "internal_error", times: 5, after: 1 })
      const codes = yield* using(
        settings(emulator),
        recording().service
      )(
        Effect.forEach(Array.from({ length: 10 }), (_, n) =>
          caption({ part: String(n) }).pipe(
            Effect.as("fine"),
            Effect.catchTag("ModelError", ({ code }) => Effect.succeed(code))
          )
        )
      )
      expect(codes).toEqual([
        ...Array<string>(4).fill("ServiceFailed"),
        "fine",
        ...Array<string>(4).fill("ServiceFailed"),
        "ServiceDown"
      ])
    })
  )

  it.scopedLive("goes to another provider only when the question says so, and only for an outage", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const gone = yield* Effect.scoped(ModelEmulator.start())
      const providers = settings(emulator, { away: { dialect: "dashscope", baseUrl: gone.baseUrl, apiKey: { env: "KEY" } } })
      const { service } = recording()
      const error = yield* Effect.flip(using(providers, service)(caption({}, "away")))
      expect(error).toMatchObject({ code: "Unreachable", retry: "later" })
      expect((yield* using(providers, service)(caption({}, "away", "local"))).provider).toBe("local")
      yield* emulator.script({ kind: "access_denied" })
      const denied = yield* Effect.flip(using(providers, service)(caption({ part: "c" }, "away", "local")))
      expect(denied).toMatchObject({ code: "AccessRefused" })
    })
  )

  it.scopedLive("shares an account's limits between all who ask", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start({ settings: { rpm: 300 } })
      const providers = settings(emulator, {
        local: { dialect: "dashscope", baseUrl: emulator.baseUrl, apiKey: { env: "KEY" }, rpm: 300, tpm: "none" },
        alias: { dialect: "dashscope", baseUrl: emulator.baseUrl, apiKey: { env: "KEY" }, rpm: 300, tpm: "none" }
      })
      yield* using(
        providers,
        recording().service
      )(
        Effect.forEach(Array.from({ length: 12 }), (_, n) => caption({ part: String(n) }, n % 2 === 0 ? "local" : "alias"), {
          concurrency: "unbounded"
        })
      )
      expect(yield* emulator.statement).toMatchObject({ requests: 12, paid: 12, refused: {} })
    })
  )
})
