import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Embeddings from "./Embeddings.js"

const body = (...data: ReadonlyArray<object>) => JSON.stringify({ data, usage: { prompt_tokens: 7 } })

describe("An answer to texts", () => {
  it.effect("is read in the texts' order, by its numbers or by its own", () =>
    Effect.gen(function* () {
      for (const one of [
        body({ index: 1, embedding: [3, 4] }, { index: 0, embedding: [1, 2] }),
        body({ embedding: [1, 2] }, { embedding: [3, 4] })
      ])
        expect(yield* Embeddings.parse("p", one, 2)).toEqual([
          [1, 2],
          [3, 4]
        ])
    })
  )

  it.effect("is one, and paid, though its vectors are no use", () =>
    Effect.gen(function* () {
      for (const one of [
        body({ index: 0, embedding: [null, 1] }),
        body({ index: 0, embedding: [] }),
        body({ index: 0, embedding: [0, 0] }),
        body({ index: 3, embedding: [1] })
      ]) {
        expect(Option.map(Embeddings.usage(one), (usage) => usage?.inputTokens)).toEqual(Option.some(7))
        expect((yield* Effect.flip(Embeddings.parse("p", one, 1))).message).toContain("no vector for each of 1 texts")
      }
      for (const one of ["{}", '{"data":[]}', "<html>", '{"data":[{"id":"some-model"}]}'])
        expect(Embeddings.usage(one)).toEqual(Option.none())
    })
  )
})
