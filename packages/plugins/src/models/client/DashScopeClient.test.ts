import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Fiber, Redacted } from "effect"
import { ModelEmulator } from "@mediaspool/emulator"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as Completion from "./Completion.js"
import * as ModelSpec from "../catalog/ModelSpec.js"
import { native } from "./DashScopeClient.js"
import * as ProviderCatalog from "../catalog/ProviderCatalog.js"
import type { Provider, ProviderSettings } from "../catalog/Provider.js"

const provider = (emulator: ModelEmulator.Emulator, settings: ProviderSettings = {}): Provider =>
  Either.getOrThrow(
    ProviderCatalog.resolve("local", {
      local: { dialect: "dashscope", protocol: "native", baseUrl: emulator.baseUrl, apiKey: { env: "UNUSED" }, ...settings }
    })
  )
const audio = {
  url: `data:audio/wav;base64,${SampleMedia.wav("tone", { seconds: 2, sampleRate: 16000 }).toString("base64")}`,
  format: "wav"
}
const send = (at: Provider, key = "sk-emulator") =>
  Effect.flatMap(native(at, Redacted.make(key)), ({ send }) =>
    send({ model: Either.getOrThrow(ModelSpec.resolve(at, undefined, "caption")), audio, sampling: { seed: 3 } })
  )

describe("DashScopeClient", () => {
  it.scoped("captions at once and piece by piece, with the same words and usage", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const said = []
      for (const stream of [true, false]) {
        const answer = yield* send(provider(emulator, { stream }))
        const completion = yield* Completion.parse("local", answer.body)
        said.push([completion, answer.usage])
        expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/)
      }
      expect(said[0]).toEqual(said[1])
      expect(said[0]?.[0]).toMatchObject({ _tag: "Said", truncated: false, text: expect.stringContaining("440 Hz") })
      expect(said[0]?.[1]).toMatchObject({ inputTokens: 33, audioTokens: 25 })
    })
  )

  it.scoped("answers who comes after a first request that was given up while it was getting ready", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator)
      const { send, warm } = yield* native(at, Redacted.make("sk-emulator"))
      const first = yield* Effect.fork(warm)
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      const answer = yield* send({ model: Either.getOrThrow(ModelSpec.resolve(at, undefined, "caption")), audio, sampling: {} })
      expect(yield* Completion.parse("local", answer.body)).toMatchObject({ text: expect.stringContaining("440 Hz") })
    })
  )

  it.scoped.each([
    ["limit_requests", "RateLimited"],
    ["insufficient_quota", "RateLimited"],
    ["internal_error", "ServiceFailed"],
    ["moderation", "Moderated"],
    ["arrearage", "NoBalance"],
    ["html", "NotTheService"],
    ["redirect", "NotTheService"],
    ["reset", "Interrupted"],
    ["moderation_midway", "Moderated"],
    ["sse_error", "FailedMidway"],
    ["truncated", "Interrupted"],
    ["reset_midway", "Interrupted"]
  ] as const)("%s is %s", ([kind, code]) =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      yield* emulator.script({ kind })
      expect((yield* Effect.flip(send(provider(emulator)))).code).toBe(code)
    })
  )

  it.scopedLive("waits for the first byte, and between two, only so long", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator, { timeouts: { firstByte: 0.3, idle: 0.2 } })
      yield* emulator.script({ kind: "slow", millis: 5000 }, { kind: "stall", millis: 5000 })
      const codes = yield* Effect.forEach([1, 2], () => Effect.map(Effect.flip(send(at)), ({ code }) => code))
      expect(codes).toEqual(["ServiceTimedOut", "ServiceTimedOut"])
    })
  )

  it.scoped("says that nothing answers when nothing does, and whose key is refused", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      expect((yield* Effect.flip(send(provider(emulator), "sk-of-beijing"))).code).toBe("KeyRefused")
      const gone = yield* Effect.scoped(ModelEmulator.start())
      expect((yield* Effect.flip(send(provider(gone)))).code).toBe("Unreachable")
    })
  )
})
