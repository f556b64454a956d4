import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { ModelEmulator } from "@mediaspool/emulator"
import { Calls, Secrets } from "@mediaspool/core"
import { Effect, Either, Layer, Redacted } from "effect"
import { recorder } from "../stages/listen/ListeningStage.fixture.js"
import { make, Models } from "./Models.js"
import type { ModelSettings } from "./catalog/Provider.js"
import * as EmbeddingRequests from "./EmbeddingRequests.js"

const world = (
  emulator: ModelEmulator.Emulator,
  records: { readonly service: Calls["Type"]; readonly calls: ReadonlyArray<unknown> } = recorder(),
  model: ModelSettings = {}
) => ({
  records,
  vectors: (...texts: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const models = yield* Models
      const route = yield* models.route("local", undefined, "embed")
      return yield* EmbeddingRequests.vectors(route, texts, 64)
    }).pipe(
      Effect.provide(
        Layer.effect(
          Models,
          make({
            providers: {
              local: {
                dialect: "dashscope",
                baseUrl: emulator.baseUrl,
                apiKey: { env: "KEY" },
                models: { "text-embedding-v4": model }
              }
            }
          })
        )
      ),
      Effect.provideService(Calls, records.service),
      Effect.provideService(Secrets, { resolve: () => Effect.succeed(Redacted.make("sk-emulator")) })
    )
})

describe("EmbeddingRequests", () => {
  it.scopedLive("pays for no text again, however the texts come together the next time", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const { records, vectors } = world(emulator)
      const first = yield* vectors("rain", "wind", "thunder")
      expect((yield* emulator.statement).paid).toBe(1)
      // After a crash the ledger has none of the results: others come first, and a new one among them.
      const again = yield* vectors("thunder", "a bell", "rain")
      expect(again[0]).toEqual(first[2])
      expect(again[2]).toEqual(first[0])
      const { entries, paid } = yield* emulator.statement
      expect(paid).toBe(2)
      // The second request had the new text alone.
      expect(entries[1]?.inputTokens).toBe(Math.ceil("a bell".length / 4))
      yield* vectors("wind", "a bell")
      expect((yield* emulator.statement).paid).toBe(2)
      expect(records.calls).toHaveLength(2)
    }).pipe(Effect.provide(NodeContext.layer), Effect.provide(NodeHttpClient.layerUndici))
  )

  it.scopedLive("sends what was in flight at a crash as it was, and nothing twice besides", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const records = recorder()
      const { call } = records.service
      // The process dies while the request is under way: its decisions are committed, its answer is not.
      const dying: Calls["Type"] = {
        ...records.service,
        call: (asked, request, ready) => Effect.zipRight(call(asked, request, ready), Effect.interrupt)
      }
      yield* Effect.exit(world(emulator, { ...records, service: dying }).vectors("rain", "wind"))
      records.calls.length = 0
      yield* world(emulator, records).vectors("wind", "hail")
      const { byKey, paid } = yield* emulator.statement
      expect(paid).toBe(3)
      expect(Object.values(byKey).toSorted()).toEqual([1, 2])
    }).pipe(Effect.provide(NodeContext.layer), Effect.provide(NodeHttpClient.layerUndici))
  )

  it.scopedLive("makes vectors in a program of one's own, which remembers nothing", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const { vectors } = world(emulator, { calls: [], service: Calls.defaultValue() })
      const given = yield* vectors("rain", "wind", "rain")
      expect(given.map((one) => Either.getOrThrow(one).length)).toEqual([64, 64, 64])
      expect((yield* emulator.statement).paid).toBe(1)
    }).pipe(Effect.provide(NodeContext.layer), Effect.provide(NodeHttpClient.layerUndici))
  )

  it.scopedLive("leaves the text without a vector that the service refuses, and no other", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      yield* emulator.script({ kind: "moderation", prompt: "unspeakable", times: 2 })
      const { vectors } = world(emulator)
      const given = yield* vectors("rain", "unspeakable", "wind")
      expect(given.map((one) => Either.isRight(one))).toEqual([true, false, true])
      expect(given[1]).toMatchObject({ left: { code: "Moderated" } })
    }).pipe(Effect.provide(NodeContext.layer), Effect.provide(NodeHttpClient.layerUndici))
  )
})
