import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { onTestFinished } from "vitest"
import { RedisServer } from "../testing/index.js"
import * as Eviction from "./Eviction.js"
import * as QueueClient from "./QueueClient.js"

const hasRedis = RedisServer.program() !== undefined
if (!hasRedis) console.warn(RedisServer.MISSING)

describe.runIf(hasRedis)("A server that throws jobs away", () => {
  it.scopedLive("is known by its policy, where its memory has a limit", () =>
    Effect.gen(function* () {
      const server = yield* Effect.promise(() => RedisServer.start())
      if (server === undefined) return
      onTestFinished(() => server.stop())
      const options = Redacted.make({ port: server.port, host: "127.0.0.1" })
      const client = yield* QueueClient.make({ shown: server.url, options })
      const set = (name: string, value: string) => Effect.promise(() => client.config("SET", name, value))
      yield* set("maxmemory-policy", "allkeys-lru")
      expect(yield* Eviction.policy(client)).toBeUndefined()
      yield* set("maxmemory", "100mb")
      expect(yield* Eviction.policy(client)).toBe("allkeys-lru")
      yield* set("maxmemory-policy", "noeviction")
      expect(yield* Eviction.policy(client)).toBeUndefined()
    })
  )
})
