import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, Exit, Fiber, Schema } from "effect"
import * as Failure from "./Failure.js"
import * as Field from "./Field.js"
import * as Stage from "../StageModule.js"

class Word extends Schema.TaggedClass<Word>()("Word", { text: Schema.String }) {}
class Length extends Schema.TaggedClass<Length>()("Length", { of: Schema.Number }) {}
class WordError extends Failure.Class<WordError>()("WordError", { Odd: { retry: "never", help: "Take another." } }) {}

const lengths = (batches: Array<ReadonlyArray<string>>, before: Effect.Effect<void> = Effect.void) =>
  Stage.batch({
    name: "length",
    version: 1,
    summary: "Counts letters, of several words at once",
    input: { word: Word },
    output: Length,
    config: Field.none,
    error: WordError,
    size: 3,
    run: (items) =>
      Effect.map(before, () => {
        batches.push(items.map(({ word }) => word.text))
        return items.map(({ word: { text } }) =>
          text === "odd"
            ? Either.left(new WordError({ code: "Odd", detail: text }))
            : Either.right(new Length({ of: text.length }))
        )
      })
  })

const word = (text: string) => ({ word: new Word({ text }) })
const config = {}

describe("Stage.batch", () => {
  it.live("gives each item its own result, several at once", () =>
    Effect.gen(function* () {
      const batches: Array<ReadonlyArray<string>> = []
      const stage = lengths(batches)
      const all = yield* Effect.forEach(["a", "bb", "odd", "dddd"], (text) => Effect.either(stage.run(word(text), config)), {
        concurrency: "unbounded"
      })
      expect(all.map((each) => (Either.isRight(each) ? each.right.of : each.left.code))).toEqual([1, 2, "Odd", 4])
      expect(batches).toEqual([["a", "bb", "odd"], ["dddd"]])
    })
  )

  it.live("goes on without an item that is stopped, and ends with the last", () =>
    Effect.gen(function* () {
      const batches: Array<ReadonlyArray<string>> = []
      const stage = lengths(batches)
      const [first, second] = [
        yield* Effect.fork(stage.run(word("a"), config)),
        yield* Effect.fork(stage.run(word("bb"), config))
      ]
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      expect((yield* Fiber.join(second)).of).toBe(2)
      expect(batches).toEqual([["bb"]])
      const stopped = yield* Deferred.make<void>()
      const waiting = lengths(
        batches,
        Effect.onInterrupt(Effect.never, () => Deferred.succeed(stopped, undefined))
      )
      const fibers = [yield* Effect.fork(waiting.run(word("a"), config)), yield* Effect.fork(waiting.run(word("b"), config))]
      yield* Effect.sleep("60 millis")
      yield* Effect.forEach(fibers, Fiber.interrupt)
      yield* Deferred.await(stopped)
    })
  )

  it.live("says when the results don't fit the items", () =>
    Effect.gen(function* () {
      const stage = Stage.batch({
        name: "none",
        version: 1,
        summary: "Gives nothing",
        input: { word: Word },
        output: Length,
        config: Field.none,
        error: Failure.None,
        size: 3,
        run: () => Effect.succeed([])
      })
      const exit = yield* Effect.exit(stage.run(word("a"), config))
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("the batch of 'none' gave 0 results for 1 items")
    })
  )
})
