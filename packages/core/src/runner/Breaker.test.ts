import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, TestClock } from "effect"
import * as Breaker from "./Breaker.js"
import { Trouble } from "./Run.fixture.js"

const away = (retryAfterMillis?: number) => new Trouble({ code: "Later", detail: "away", retryAfterMillis })

const make = (patience: Duration.DurationInput) => {
  const told: Array<string> = []
  const made = Breaker.make({
    closed: (_, probeInMillis) => told.push(`closed for ${probeInMillis}`),
    opened: () => told.push("opened")
  })
  return { breaker: { ...made, pass: made.pass(Duration.decode(patience)) }, told }
}

const isDone = <A>(fiber: Fiber.RuntimeFiber<A>) => Effect.map(Fiber.poll(fiber), (exit) => exit._tag === "Some")

describe("Breaker", () => {
  it.effect("lets one through to try, and the others when the service is back", () =>
    Effect.gen(function* () {
      const { breaker, told } = make("1 hour")
      expect(yield* breaker.pass).toBe(true)
      yield* breaker.away(away(2_000))
      const first = yield* Effect.fork(breaker.pass)
      const second = yield* Effect.fork(breaker.pass)
      yield* TestClock.adjust("1999 millis")
      expect(breaker.outage()).toMatchObject({ since: 0, probeAt: 2_000, waiting: 2, failure: { code: "Later" } })
      expect(yield* isDone(first)).toBe(false)
      yield* TestClock.adjust("1 millis")
      expect([yield* isDone(first), yield* isDone(second)].filter(Boolean)).toHaveLength(1)
      expect(breaker.outage()).toMatchObject({ probeAt: undefined, waiting: 1 })
      breaker.there()
      yield* TestClock.adjust(0)
      expect(yield* Fiber.join(first)).toBe(true)
      expect(yield* Fiber.join(second)).toBe(true)
      expect(told).toEqual(["closed for 2000", "opened"])
      expect(breaker.outage()).toBeUndefined()
    })
  )

  it.effect("waits longer after every probe that fails, when the service doesn't say how long", () =>
    Effect.gen(function* () {
      const { breaker, told } = make("1 hour")
      for (let i = 0; i < 4; i++) {
        yield* breaker.away(away())
        const probe = yield* Effect.fork(breaker.pass)
        yield* TestClock.adjust("1 minute")
        expect(yield* Fiber.join(probe)).toBe(true)
      }
      expect(told).toEqual(["closed for 500", "closed for 1000", "closed for 2000", "closed for 4000"])
    })
  )

  it.effect("counts the bad news of one outage once", () =>
    Effect.gen(function* () {
      const { breaker } = make("1 hour")
      yield* breaker.away(away(1_000))
      yield* TestClock.adjust("600 millis")
      // It was under way when the service went, too.
      yield* breaker.away(away(1_000))
      const probe = yield* Effect.fork(breaker.pass)
      yield* TestClock.adjust("400 millis")
      expect(yield* Fiber.join(probe)).toBe(true)
    })
  )

  it.effect("sends those away whose patience is at its end, measured from the start of the outage", () =>
    Effect.gen(function* () {
      const { breaker } = make("5 seconds")
      yield* breaker.away(away(60_000))
      const early = yield* Effect.fork(breaker.pass)
      yield* TestClock.adjust("4 seconds")
      const late = yield* Effect.fork(breaker.pass)
      expect(yield* isDone(early)).toBe(false)
      yield* TestClock.adjust("1 seconds")
      expect(yield* Fiber.join(early)).toBe(false)
      expect(yield* Fiber.join(late)).toBe(false)
      expect(yield* breaker.pass).toBe(false)
    })
  )

  it.effect("lets the next one try when a probe was given up", () =>
    Effect.gen(function* () {
      const { breaker } = make("1 hour")
      yield* breaker.away(away(1_000))
      yield* TestClock.adjust("1 seconds")
      expect(yield* breaker.pass).toBe(true)
      const next = yield* Effect.fork(breaker.pass)
      yield* TestClock.adjust(0)
      expect(yield* isDone(next)).toBe(false)
      breaker.abandon()
      yield* TestClock.adjust(0)
      expect(yield* Fiber.join(next)).toBe(true)
    })
  )
})
