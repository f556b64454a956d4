import { describe, expect, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, TestClock } from "effect"
import * as Limiter from "./Limiter.js"

/** When each of so many requests went out, in seconds, if everybody wants to at once. */
const times = (limits: Limiter.Limits, count: number, tokens = 0, during = Duration.minutes(10)) =>
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(limits)
    const one = Effect.zipRight(
      limiter.turn(tokens),
      Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000)
    )
    const all = yield* Effect.fork(
      Effect.all(
        Array.from({ length: count }, () => one),
        { concurrency: "unbounded" }
      )
    )
    yield* TestClock.adjust(during)
    return yield* Fiber.join(all)
  })
const most = (times: ReadonlyArray<number>, within: number): number =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + within).length))
const none = { requestsPerMinute: undefined, unitsPerMinute: undefined, concurrency: 1000 }

describe("Limiter", () => {
  it.effect("spreads a minute's requests over its seconds, and uses nearly all of them", () =>
    Effect.gen(function* () {
      const found = yield* times({ ...none, requestsPerMinute: 600 }, 121)
      expect(most(found, 1)).toBe(10)
      const [start, middle = 0, end = 0] = [found[0], found[60], found[120]]
      expect(start).toBe(0)
      // A minute is the slower start and nine times what follows it.
      expect(middle + (end - middle) * 9).toBeLessThan(60 / 0.95)
    })
  )

  it.effect("catches up what a process without a turn lost, with no more in any second than are allowed", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ ...none, requestsPerMinute: 600 })
      const one = Effect.zipRight(
        limiter.turn(0),
        Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000)
      )
      const all = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 180 }, () => one),
          { concurrency: "unbounded" }
        )
      )
      // The clock is looked at so many milliseconds after the time before, and not in between.
      for (let n = 0; n < 210; n++) yield* TestClock.adjust(Duration.millis([7, 150, 20, 40, 310, 90, 100][n % 7] ?? 0))
      const found = yield* Fiber.join(all)
      expect(most(found, 1)).toBe(10)
      expect((found[179] ?? 0) - (found[20] ?? 0)).toBeLessThan(159 / 10 / 0.95)
    })
  )

  it.effect("spreads tokens, whatever the requests are", () =>
    Effect.gen(function* () {
      const found = yield* times({ ...none, unitsPerMinute: 60_000 }, 40, 3000)
      expect(found.at(-1)).toBeGreaterThan(39 * 3)
      expect(found.at(-1)).toBeLessThan((39 * 3) / 0.95)
    })
  )

  it.effect("lets everybody go where there is no limit", () =>
    Effect.gen(function* () {
      expect(new Set(yield* times(none, 50, 1e9)).size).toBe(1)
    })
  )

  it.effect("gives back what was reserved and not used, and takes what was used and not reserved", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ ...none, unitsPerMinute: 60_000 })
      const wait = (tokens: number, used: number) =>
        Effect.gen(function* () {
          const before = yield* Clock.currentTimeMillis
          const turn = yield* limiter.turn(tokens)
          const after = yield* Clock.currentTimeMillis
          yield* turn.used(used)
          return (after - before) / 1000
        })
      const run = Effect.gen(function* () {
        yield* wait(10_000, 1000)
        const short = yield* wait(1000, 10_000)
        const long = yield* wait(1000, 1000)
        return [short, long]
      })
      const fiber = yield* Effect.fork(run)
      yield* TestClock.adjust("1 minute")
      const [short = 0, long = 0] = yield* Fiber.join(fiber)
      expect(short).toBeLessThan(1.2)
      expect(long).toBeGreaterThan(10)
    })
  )

  it.effect("stops everybody after a refusal, goes more slowly, and recovers", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ ...none, requestsPerMinute: 600 })
      const next = Effect.gen(function* () {
        const turn = yield* limiter.turn(0)
        const at = yield* Clock.currentTimeMillis
        yield* turn.used(0)
        return at
      })
      const run = Effect.gen(function* () {
        const first = yield* next
        yield* limiter.refused(5000)
        const rest = []
        for (let i = 0; i < 60; i++) rest.push(yield* next)
        return [first, ...rest]
      })
      const fiber = yield* Effect.fork(run)
      yield* TestClock.adjust("1 minute")
      const found = yield* Fiber.join(fiber)
      const gap = (n: number) => (found[n + 1] ?? 0) - (found[n] ?? 0)
      expect(gap(0)).toBeGreaterThanOrEqual(5000)
      expect(gap(2)).toBeGreaterThan(115)
      expect(gap(58)).toBeLessThan(110)
    })
  )

  it.effect("keeps so many places, and loses none to an interruption", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ ...none, concurrency: 2 })
      let at = 0
      let highest = 0
      const work = Effect.scoped(
        Effect.zipRight(
          limiter.place,
          Effect.acquireUseRelease(
            Effect.sync(() => (highest = Math.max(highest, ++at))),
            () => Effect.sleep("1 second"),
            () => Effect.sync(() => at--)
          )
        )
      )
      const waiting = yield* Effect.forEach(Array.from({ length: 10 }), () => Effect.fork(work))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interruptAll(waiting.slice(0, 6))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.joinAll(waiting.slice(6))
      expect([highest, at]).toEqual([2, 0])
      const more = yield* Effect.fork(Effect.all([work, work], { concurrency: 2 }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(more)
    })
  )
})
