import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { Worker } from "node:worker_threads"
import * as ThreadClient from "./ThreadClient.js"

/** Doubles what it is asked, after as many milliseconds; 0 ends it. */
const program = `
const { parentPort } = require("node:worker_threads")
parentPort.on("message", ({ ticket, value }) => {
  if (value === 0) process.exit(7)
  setTimeout(() => parentPort.postMessage({ ticket, value: value * 2 }), value)
})`

const threads: Array<Worker> = []
const make = ThreadClient.make<number, number, string>(
  () => {
    const thread = new Worker(program, { eval: true })
    threads.push(thread)
    return thread
  },
  (cause) => cause
)

describe("a thread that answers", () => {
  it.scopedLive("gives each its own reply, in any order", () =>
    Effect.gen(function* () {
      const { ask } = yield* make
      expect(yield* Effect.all([ask(40), ask(1), ask(20)], { concurrency: "unbounded" })).toEqual([80, 2, 40])
    })
  )

  it.scopedLive("fails all that was asked when it ends, and is started again by the next request", () =>
    Effect.gen(function* () {
      const { ask } = yield* make
      const open = yield* Effect.fork(ask(600_000))
      yield* Effect.yieldNow()
      expect(yield* Effect.flip(ask(0))).toBe("exit code 7")
      expect(yield* Effect.flip(Fiber.join(open))).toBe("exit code 7")
      expect(yield* ask(2)).toBe(4)
    })
  )

  it.scopedLive("drops the reply of an interrupted request", () =>
    Effect.gen(function* () {
      const { ask } = yield* make
      const fiber = yield* Effect.fork(ask(30))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      expect(yield* ask(40)).toBe(80)
    })
  )

  it.live("ends with the scope, and answers nobody after it", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { ask } = yield* Scope.extend(make, scope)
      yield* ask(1)
      yield* Scope.close(scope, Exit.void)
      expect(threads.at(-1)?.threadId).toBe(-1)
      expect(yield* Effect.flip(ask(1))).toBe("closed")
    })
  )
})
