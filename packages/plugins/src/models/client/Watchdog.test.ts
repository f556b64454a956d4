import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Fiber, TestClock } from "effect"
import * as Watchdog from "./Watchdog.js"

const patience = { firstByte: 8, idle: 4, total: 20 }

/** Lets time pass as a process that is awake sees it. */
const pass = (seconds: number) => Effect.repeatN(TestClock.adjust("250 millis"), seconds * 4 - 1)

const ended = (fiber: Fiber.Fiber<Watchdog.Expiry | undefined>) => Effect.map(Fiber.poll(fiber), (exit) => exit._tag === "Some")

describe("Watchdog", () => {
  it.effect("waits for the first byte, then between pieces, and for all together", () =>
    Effect.gen(function* () {
      const silent = yield* Effect.fork(Watchdog.make(patience).watch)
      yield* pass(8)
      expect(yield* Fiber.join(silent)).toEqual({ of: "firstByte", seconds: 8 })

      const stalls = Watchdog.make(patience)
      const stalled = yield* Effect.fork(stalls.watch)
      yield* pass(1)
      stalls.began()
      yield* pass(3)
      expect(yield* ended(stalled)).toBe(false)
      stalls.fed()
      yield* pass(3)
      expect(yield* ended(stalled)).toBe(false)
      yield* pass(1)
      expect(yield* Fiber.join(stalled)).toEqual({ of: "idle", seconds: 4 })

      const goes = Watchdog.make(patience)
      const going = yield* Effect.fork(goes.watch)
      goes.began()
      for (let n = 0; n < 10; n++) {
        yield* pass(2)
        goes.fed()
      }
      expect(yield* Fiber.join(going)).toEqual({ of: "total", seconds: 20 })
    })
  )

  it.effect("calls nothing late that came while the process was stopped", () =>
    Effect.gen(function* () {
      const dog = Watchdog.make(patience)
      let seconds = 0
      let wake = () => {}
      // Timers are due when the process says so, however much time is over.
      const clock: Clock.Clock = {
        ...Clock.make(),
        currentTimeNanos: Effect.sync(() => BigInt(seconds * 1e9)),
        sleep: () => Effect.async((resume) => void (wake = () => resume(Effect.void)))
      }
      const watching = yield* Effect.fork(Effect.withClock(dog.watch, clock))
      const timer = (after: number) => {
        seconds += after
        wake()
        return Effect.yieldNow({ priority: 10 }).pipe(Effect.repeatN(5))
      }
      for (let n = 0; n < 28; n++) yield* timer(0.25)
      // Stopped for a minute: on waking up the timer is first, the socket second.
      yield* timer(60)
      expect(yield* ended(watching)).toBe(false)
      dog.began()
      for (let n = 0; n < 12; n++) yield* timer(0.25)
      expect(yield* ended(watching)).toBe(false)
      for (let n = 0; n < 8; n++) yield* timer(0.25)
      expect(yield* Fiber.join(watching)).toEqual({ of: "idle", seconds: 4 })
    })
  )

  it.effect("waits a moment for the end of what is whole", () =>
    Effect.gen(function* () {
      const dog = Watchdog.make(patience)
      const watching = yield* Effect.fork(dog.watch)
      dog.began()
      dog.whole()
      yield* pass(2)
      expect(yield* Fiber.join(watching)).toBeUndefined()
    })
  )
})
