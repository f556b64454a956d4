import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { onTestFinished } from "vitest"
import { RedisServer } from "../testing/index.js"
import * as QueueClient from "./QueueClient.js"
import * as Roster from "./Roster.js"

const hasRedis = RedisServer.program() !== undefined
if (!hasRedis) console.warn(RedisServer.MISSING)

const coordinator = (pid: number) => ({
  id: "0123456789abcdef",
  host: "nas",
  pid,
  version: "0.1.0",
  since: 0,
  asks: [],
  files: { url: `http://127.0.0.1:${pid}`, token: String(pid) }
})

const unheard = { heard: () => {} }

describe.runIf(hasRedis)("A run beside a watcher of the same library", () => {
  it.scopedLive("is there by itself: its files are found, and the watcher's too, also after it has ended", () =>
    Effect.gen(function* () {
      const queue = yield* Effect.promise(() => RedisServer.start())
      if (queue === undefined) return
      onTestFinished(() => queue.stop())
      const client = yield* QueueClient.make({
        shown: queue.url,
        options: Redacted.make({ port: queue.port, host: "127.0.0.1" })
      })
      const { join, list } = Roster.coordinators(client)
      yield* join(() => coordinator(1), unheard)
      const files = Effect.map(list, (there) => there.map(({ files }) => files?.token).sort())
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* join(() => coordinator(2), unheard)
          expect(yield* files).toEqual(["1", "2"])
        })
      )
      expect(yield* files).toEqual(["1"])
    })
  )
})
