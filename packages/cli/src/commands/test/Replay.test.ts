import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { type Call, Cost, Money, Usage } from "@mediaspool/core"
import { BigDecimal, Cause, Effect, Exit } from "effect"
import * as Recording from "./Recording.js"
import * as Replay from "./Replay.js"

const call = (text: string): Call => ({ identity: { model: "m", text }, account: "acme", model: "m", onAmbiguous: "retry" })
const cents = (amount: string) => new Money({ currency: "USD", amount: BigDecimal.unsafeFromString(amount) })
const reply = (body: string) => ({ body, price: cents("0.0004"), usage: new Usage({ inputTokens: 3, outputTokens: 4 }) })

describe("Replay", () => {
  it.scoped("gives offline what was recorded live, from a file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const file = yield* Recording.fileOf(yield* fs.makeTempDirectoryScoped(), "sounds", "rain")
      let sent = 0
      const request = (body: string) => Effect.sync(() => (sent++, reply(body)))
      const live = yield* Replay.live
      yield* live.calls.call(call("b"), request("two"))
      yield* live.calls.call(call("a"), request("one"))
      yield* live.calls.call(call("a"), request("again"))
      yield* live.calls.decide({ plan: "a" }, Effect.succeed("0-30"))
      expect(sent).toBe(2)
      expect((yield* live.spent).map(Cost.format)).toEqual(["0.0008 USD"])
      yield* Recording.write(file, yield* live.recording)

      const kept = yield* Recording.read(file)
      expect(kept.calls.map(({ identity }) => identity["text"])).toEqual(["a", "b"])
      const offline = yield* Replay.offline(kept)
      const replayed = yield* offline.calls.call(call("a"), request("no"))
      expect([replayed.body, replayed.price && Cost.format(replayed.price)]).toEqual(["one", "0.0004 USD"])
      expect(yield* offline.calls.decide({ plan: "a" }, Effect.succeed("other"))).toBe("0-30")
      expect(sent).toBe(2)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("refuses offline what was not recorded, and sends nothing", () =>
    Effect.gen(function* () {
      let sent = 0
      const offline = yield* Replay.offline(new Recording.Recording({ calls: [], decisions: [] }))
      const exit = yield* Effect.exit(
        offline.calls.call(
          call("x"),
          Effect.sync(() => (sent++, reply("paid")))
        )
      )
      expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toMatchObject({ code: "ReplyNotRecorded", retry: "never" })
      expect(sent).toBe(0)
    })
  )

  it.scoped("leaves no file for a test without calls, and says which file it can't read", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const file = `${folder}/a.json`
      yield* fs.writeFileString(file, "{ not json")
      expect(yield* Effect.flip(Recording.read(file))).toMatchObject({
        code: "RecordingUnreadable",
        message: expect.stringContaining(file)
      })
      yield* Recording.write(file, new Recording.Recording({ calls: [], decisions: [] }))
      expect(yield* fs.exists(file)).toBe(false)
      expect((yield* Recording.read(file)).calls).toEqual([])
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
