import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Secrets } from "@mediaspool/core"
import { ModelEmulator } from "@mediaspool/emulator"
import { Effect, Either, Exit, Layer, Redacted, Schedule, Scope, TestClock, TestServices } from "effect"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as ModelSpec from "../catalog/ModelSpec.js"
import type { Provider, ProviderSettings } from "../catalog/Provider.js"
import * as ProviderCatalog from "../catalog/ProviderCatalog.js"
import * as ModelServers from "../ModelServers.js"
import * as Endpoint from "./Endpoint.js"
import * as ProviderClient from "./ProviderClient.js"

const url = `data:audio/wav;base64,${SampleMedia.wav("tone", { seconds: 1, sampleRate: 16000 }).toString("base64")}`

const boxes = (baseUrl: ProviderSettings["baseUrl"], more: ProviderSettings = {}): Provider =>
  Either.getOrThrow(
    ProviderCatalog.resolve("boxes", { boxes: { dialect: "vllm", ...(baseUrl === undefined ? {} : { baseUrl }), ...more } })
  )

const opened = (provider: Provider) => Effect.provide(ProviderClient.make(provider, undefined), NodeHttpClient.layerUndici)

/** Captions a second of a tone, as a stage would. */
const asked = (client: ProviderClient.ProviderClient) => {
  const model = Either.getOrThrow(ModelSpec.resolve(client.provider, "qwen3-omni-30b-a3b-captioner", "caption"))
  const request = Effect.succeed({ model, audio: { url, format: "wav" }, sampling: {} })
  return Effect.scoped(Effect.flatten(client.prepare({ model, inputTokens: 10, bytes: url.length, request })))
}
const many = (client: ProviderClient.ProviderClient, times: number) =>
  Effect.all(
    Array.from({ length: times }, () => asked(client)),
    { concurrency: "unbounded" }
  )
const paid = (emulator: ModelEmulator.Emulator) => Effect.map(emulator.statement, ({ paid }) => paid)

describe("several model servers", () => {
  it.scopedLive("share the work: the least busy one is asked", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* ModelEmulator.start(), yield* ModelEmulator.start()]
      const client = yield* opened(boxes([one.selfHostedUrl, other.selfHostedUrl]))
      yield* many(client, 12)
      expect([yield* paid(one), yield* paid(other)]).toEqual([6, 6])
    })
  )

  it.scopedLive("each have limits of their own", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* ModelEmulator.start(), yield* ModelEmulator.start()]
      const client = yield* opened(boxes([one.selfHostedUrl, other.selfHostedUrl], { perEndpoint: { concurrency: 2 } }))
      const both = [one, other]
      for (const { script } of both) yield* script({ kind: "slow", times: 12 })
      const requests = Effect.forEach(both, ({ statement }) => Effect.map(statement, ({ requests }) => requests))
      yield* Effect.forkScoped(many(client, 12))
      yield* Effect.repeat(requests, { until: (seen) => seen.every((count) => count === 2), schedule: Schedule.spaced(10) })
      yield* Effect.sleep(200)
      expect(yield* requests).toEqual([2, 2])
    })
  )

  it.scopedLive("do without one that is away", () =>
    Effect.gen(function* () {
      const there = yield* ModelEmulator.start()
      const scope = yield* Scope.make()
      const away = yield* Scope.extend(ModelEmulator.start(), scope)
      const client = yield* opened(boxes([away.selfHostedUrl, there.selfHostedUrl]))
      yield* Scope.close(scope, Exit.void)
      yield* many(client, 8)
      expect(yield* paid(there)).toBe(8)
      expect(client.trouble()).toBeUndefined()
    })
  )

  it.scopedLive("take another one's work that failed before it was done", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* ModelEmulator.start(), yield* ModelEmulator.start()]
      yield* one.script({ kind: "internal_error", times: 99 })
      const client = yield* opened(boxes([one.selfHostedUrl, other.selfHostedUrl]))
      for (let n = 0; n < 6; n++) yield* asked(client)
      expect(yield* paid(other)).toBe(6)
      // After three failures in a row it is left out.
      expect((yield* one.statement).requests).toBe(3)
    })
  )

  it.scoped("are asked again after a while, when they were left out", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const provider = boxes(emulator.selfHostedUrl)
      const { isWell, probe, send } = yield* Endpoint.make(provider, provider.baseUrl, undefined)
      const model = Either.getOrThrow(ModelSpec.resolve(provider, "qwen3-omni-30b-a3b-captioner", "caption"))
      yield* emulator.script({ kind: "internal_error", times: 3 })
      for (let n = 0; n < 3; n++) {
        expect(isWell()).toBe(true)
        yield* Effect.flip(send({ model, audio: { url, format: "wav" }, sampling: {} }))
      }
      expect(isWell()).toBe(false)
      yield* probe
      expect((yield* emulator.statement).requests).toBe(3)
      yield* TestClock.adjust("15 seconds")
      yield* probe
      yield* Effect.repeat(TestServices.provideLive(Effect.sleep(10)), { until: isWell })
    })
  )

  it("are one authority, however many there are", () => {
    const first = "http://10.0.0.1:8000/v1"
    expect(boxes([first, "http://10.0.0.2:8000/v1/"]).authority).toBe(boxes(first).authority)
    expect(boxes([first], { authority: "studio" }).authority).toBe("studio")
  })

  it.each<[string, ProviderSettings, string]>([
    ["an address twice", { baseUrl: ["http://a/v1", "http://a/v1/"] }, "twice"],
    ["one that is no URL", { baseUrl: ["http://a/v1", "there"] }, "no URL"],
    ["an upload, which has one address", { baseUrl: ["http://a/v1", "http://b/v1"], upload: true }, "upload"]
  ])("refuse %s", (_, settings, word) => {
    const refused = ProviderCatalog.resolve("boxes", { boxes: { dialect: "vllm", ...settings } })
    expect(Either.isLeft(refused) && refused.left.detail).toContain(word)
  })

  it.scopedLive("are asked one by one who is there", () =>
    Effect.gen(function* () {
      const there = yield* ModelEmulator.start()
      const gone = "http://127.0.0.1:1/v1"
      const servers = yield* ModelServers.ask({ boxes: { dialect: "vllm", baseUrl: [there.selfHostedUrl, gone] } }).pipe(
        Effect.provideService(Secrets, { resolve: () => Effect.succeed(Redacted.make("")) }),
        Effect.provide(Layer.merge(NodeHttpClient.layerUndici, NodeContext.layer))
      )
      expect(servers.map(({ baseUrl, models }) => [baseUrl, Either.isRight(models)])).toEqual([
        [there.selfHostedUrl, true],
        [gone, false]
      ])
    })
  )
})
