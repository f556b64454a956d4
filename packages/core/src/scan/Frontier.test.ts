import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import * as Frontier from "./Frontier.js"
import type { Start } from "./Walk.js"

const folder = (relative: string) => ({ relative, deep: true })
const relatives = Option.map((folders: ReadonlyArray<Start>) => folders.map(({ relative }) => relative))

describe("Frontier", () => {
  it.effect("shares what one thread finds with the other, and ends when both have found the last", () =>
    Effect.gen(function* () {
      const frontier = Frontier.make([folder("")])
      expect(relatives(yield* frontier.take)).toEqual(Option.some([""]))
      frontier.join()
      const other = yield* Effect.fork(frontier.take)
      yield* Effect.yieldNow()
      expect(frontier.isScarce()).toBe(true)
      frontier.give(["a", "b", "c", "d"].map(folder), false)
      expect(yield* frontier.isLong).toBe(true)
      expect(relatives(yield* Fiber.join(other))).toEqual(Option.some(["c", "d"]))
      expect(relatives(yield* frontier.take)).toEqual(Option.some(["b"]))
      frontier.give([], true)
      frontier.give([], false)
      expect(relatives(yield* frontier.take)).toEqual(Option.some(["a"]))
      const last = yield* Effect.fork(frontier.take)
      yield* Effect.yieldNow()
      frontier.give([], false)
      expect(yield* Fiber.poll(last)).toEqual(Option.none())
      frontier.give([], false)
      expect(yield* Fiber.join(last)).toEqual(Option.none())
    })
  )

  it.effect("is not long when one moment was enough", () =>
    Effect.gen(function* () {
      const frontier = Frontier.make([folder("")])
      const isLong = yield* Effect.fork(frontier.isLong)
      yield* frontier.take
      frontier.give([], false)
      expect(yield* frontier.take).toEqual(Option.none())
      expect(yield* Fiber.join(isLong)).toBe(false)
    })
  )
})
