import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { Sessions } from "./Sessions.js"

describe("sessions", () => {
  it.effect("begin by a code that works once, and for ten minutes", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const [first, second] = [yield* sessions.code, yield* sessions.code]
      yield* TestClock.adjust("9 minutes")
      const signed = yield* sessions.signIn({ code: first })
      expect(typeof signed === "string" ? undefined : sessions.find(signed.session)).toEqual(signed)
      expect(yield* sessions.signIn({ code: first })).toBe("refused")
      yield* TestClock.adjust("2 minutes")
      expect(yield* sessions.signIn({ code: second })).toBe("refused")
    }).pipe(Effect.provide(Sessions.layer()))
  )

  it.effect("are so many at most: the oldest window is signed out for one more", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const open = Effect.flatMap(sessions.code, (code) => sessions.signIn({ code }))
      const signed = yield* Effect.forEach(Array.from({ length: 201 }), () => open)
      const found = signed.map((one) => typeof one !== "string" && sessions.find(one.session) !== undefined)
      expect([found[0], found[1], found[200]]).toEqual([false, true, true])
    }).pipe(Effect.provide(Sessions.layer()))
  )
})
