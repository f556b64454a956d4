import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, FastCheck as fc, Stream } from "effect"
import * as Sse from "./Sse.js"

const read = (...parts: ReadonlyArray<Uint8Array>) =>
  Effect.map(Stream.runCollect(Sse.frames(Stream.fromIterable(parts))), Chunk.toReadonlyArray)

const frame = 'id:1\nevent:result\n:HTTP_STATUS/200\ndata:{"a":"ü"}\n\n'

describe("Sse", () => {
  it.effect("reads events, comments and data of several lines", () =>
    Effect.gen(function* () {
      const text = `${frame}data: one\r\ndata: two\r\n\r\n: just a comment\n\ndata:cut of`
      expect(yield* read(Buffer.from(text))).toEqual([
        { event: "result", data: '{"a":"ü"}', comments: ["HTTP_STATUS/200"] },
        { event: undefined, data: "one\ntwo", comments: [] }
      ])
    })
  )

  it.effect.prop(
    "doesn't care where the network cuts",
    [fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 })],
    ([sizes]) =>
      Effect.gen(function* () {
        const bytes = Buffer.from(frame.repeat(3))
        const parts: Array<Uint8Array> = []
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const size = sizes[n % sizes.length] ?? 1
          parts.push(bytes.subarray(at, at + size))
          at += size
        }
        expect(yield* read(...parts)).toEqual(yield* read(bytes))
      })
  )
})
