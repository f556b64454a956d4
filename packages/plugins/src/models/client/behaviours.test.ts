import { describe, expect, it } from "@effect/vitest"
import { behaviours, ModelEmulator } from "@mediaspool/emulator"
import { Effect, Either, Redacted } from "effect"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as ModelSpec from "../catalog/ModelSpec.js"
import type { ProviderSettings } from "../catalog/Provider.js"
import * as ProviderCatalog from "../catalog/ProviderCatalog.js"
import { native } from "./DashScopeClient.js"
import { client } from "./OpenAiClient.js"

const audio = {
  url: `data:audio/wav;base64,${SampleMedia.wav("tone", { seconds: 2, sampleRate: 16_000 }).toString("base64")}`,
  format: "wav"
}

/** Every way in which a service is spoken to. */
const ways: Readonly<Record<string, (emulator: ModelEmulator.Emulator) => ProviderSettings>> = {
  "dashscope, compatible": ({ baseUrl }) => ({ dialect: "dashscope", baseUrl }),
  "dashscope, native": ({ baseUrl }) => ({ dialect: "dashscope", protocol: "native", baseUrl }),
  vllm: ({ selfHostedUrl }) => ({ dialect: "vllm", baseUrl: selfHostedUrl }),
  sglang: ({ selfHostedUrl }) => ({ dialect: "sglang", baseUrl: selfHostedUrl })
}

/** What comes of one request: an answer, or a failure's code. */
const outcome = (settings: ProviderSettings) =>
  Effect.gen(function* () {
    const provider = yield* ProviderCatalog.resolve("local", {
      local: { apiKey: { env: "UNUSED" }, timeouts: { firstByte: 0.8, idle: 0.4, total: 20 }, ...settings }
    })
    const model = yield* ModelSpec.resolve(provider, undefined, "caption")
    const key = Redacted.make("sk-emulator")
    const { send } = yield* provider.protocol === "native" ? native(provider, key) : client(provider, key)
    const answered = yield* Effect.either(send({ model, audio, sampling: {} }))
    return Either.match(answered, { onLeft: ({ code }): string => code, onRight: () => "answer" })
  })

/** The native protocol has usage in every frame, and its last one is known by the finish reason. */
const cannot = (way: string, kind: string): boolean => way.endsWith("native") && (kind === "no_usage" || kind === "no_finish")

describe("What a service may do", () => {
  it.scopedLive.each(Object.entries(ways))("is met as the table says: %s", ([way, at]) =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const settings = at(emulator)
      for (const { atOnce, billed, does, fault, streamed } of behaviours.filter(({ fault }) => !cannot(way, fault.kind))) {
        yield* emulator.clear
        yield* emulator.script(fault)
        expect(`${does}: ${yield* outcome(settings)}`).toBe(`${does}: ${streamed}`)
        yield* emulator.reset
        const { paid } = yield* emulator.statement
        if (billed !== "perhaps") expect(`${does}: ${paid} paid`).toBe(`${does}: ${billed === "yes" ? 1 : 0} paid`)
        if (atOnce === undefined) continue
        yield* emulator.script(fault)
        expect(`at once, ${does}: ${yield* outcome({ ...settings, stream: false })}`).toBe(`at once, ${does}: ${atOnce}`)
        yield* emulator.reset
      }
    })
  )
})
