import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { Calls } from "./Calls.js"

describe("Calls.each", () => {
  it.effect("gives the answers in the order of what was asked", () =>
    Effect.gen(function* () {
      const answers = yield* Calls.each([3, 1, 2], (n, index) => Effect.succeed(`${index}: ${n}`), { concurrency: 2 })
      expect(answers).toEqual(["0: 3", "1: 1", "2: 2"])
    })
  )

  it.effect("asks nothing new after a failure, waits for what is under way, and fails with the first", () =>
    Effect.gen(function* () {
      const asked: Array<number> = []
      const ended: Array<number> = []
      const failed = yield* Deferred.make<void>()
      const error = yield* Effect.flip(
        Calls.each(
          [1, 2, 3, 4],
          (n) => {
            asked.push(n)
            return n === 2
              ? Effect.zipRight(Deferred.succeed(failed, undefined), Effect.fail("two"))
              : Effect.zipRight(
                  Deferred.await(failed),
                  Effect.sync(() => ended.push(n))
                )
          },
          { concurrency: 2 }
        )
      )
      expect([error, asked, ended]).toEqual(["two", [1, 2], [1]])
    })
  )
})
