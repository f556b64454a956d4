import { describe, expect, it } from "@effect/vitest"
import { StageTest } from "@mediaspool/core/testing"
import { Library } from "@mediaspool/core"
import Database from "better-sqlite3"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import { libraryPlugin } from "../LibraryPlugin.js"
import { randomFrom } from "../testing/SampleMedia.js"
import * as Likeness from "./Likeness.js"
import * as VectorBytes from "./VectorBytes.js"
import { VectorIndex } from "./VectorIndex.js"

const DIMENSIONS = 16
const random = randomFrom(7)
const vector = () => Float32Array.from({ length: DIMENSIONS }, () => 2 * random() - 1)

/** A library of files with a vector each, as `persist` writes them. */
const add = (hash: string, values: Float32Array, model = "m@1") => [
  {
    sql: `INSERT INTO media (content_hash, path, media_type, size_bytes, added_at, changed_at) VALUES (?, ?, 'audio/wav', 1, '2026-01-01', '2026-01-01')
      ON CONFLICT DO NOTHING`,
    values: [hash, `/sounds/${hash}.wav`]
  },
  {
    sql: `INSERT INTO vector (media_id, pipeline, node, model, provider, dimensions, data)
      VALUES ((SELECT id FROM media WHERE content_hash = ?), 'p', 'n', ?, 'x', ?, ?)`,
    values: [hash, model, values.length, VectorBytes.encode([...values])]
  }
]

describe("the index of vectors", () => {
  it.scopedLive("gives what reading every vector gives, follows the library, and is made again when it is gone", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ plugin: libraryPlugin })
      const file = join(test.folder, "vectors.db")
      const question = vector()
      const hint = ""
      const plain = (typed = "", model = "m@1") => test.provide(Likeness.nearest(question, model, typed, { hint, limit: 5 }))
      const indexed = (typed = "", model = "m@1") =>
        test.provide(Effect.provide(Likeness.nearest(question, model, typed, { hint, limit: 5 }), VectorIndex.layer(file)))
      /** What the index says by itself, where it says anything. */
      const alone = (index = VectorIndex.layer(file)) =>
        test.provide(
          Effect.provide(
            Effect.flatMap(VectorIndex, (index) => index.nearest(question, "m@1", 1)),
            index
          )
        )
      const bySigns = VectorIndex.layer(file, 1)
      const threaded = Layer.scoped(VectorIndex, VectorIndex.inThread(file, 1))
      const write = (statements: ReturnType<typeof add>) =>
        test.provide(Effect.flatMap(Library, (library) => library.write(statements)))

      yield* write(Array.from({ length: 200 }, (_, n) => add(`h${n}`, vector())).flat())
      // Vectors of another model have nothing in common with these.
      yield* write(add("h1", question, "other@1"))
      const first = yield* plain()
      expect(first.total).toBe(200)
      expect(yield* indexed()).toEqual(first)
      for (const index of [VectorIndex.layer(file), bySigns, threaded])
        expect(yield* alone(index)).toMatchObject({ value: { total: 200, near: [{ mediaId: first.near[0]?.mediaId }] } })
      // Of many, their signs are compared first, and the numbers of the best.
      const eight = Likeness.nearest(question, "m@1", "", { hint, limit: 8 })
      expect(yield* test.provide(Effect.provide(eight, bySigns))).toEqual(yield* test.provide(eight))
      // Their numbers are the library's alone by then.
      const index = new Database(file, { readonly: true })
      const kept = index.prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'vectors_[0-9]*'").all()
      index.close()
      expect(kept).toEqual([])
      // A thread of its own says the same.
      expect(yield* test.provide(Effect.provide(eight, threaded))).toEqual(yield* test.provide(eight))
      expect(yield* indexed("type:audio")).toEqual(yield* plain("type:audio"))
      expect((yield* indexed("", "other@1")).near.map(({ score }) => score)).toEqual([1])

      // One is gone, one is new, and one is another now, under an id that was in use.
      yield* write([
        { sql: "DELETE FROM vector WHERE media_id = ? AND model = 'm@1'", values: [first.near[0]?.mediaId ?? 0] },
        { sql: "DELETE FROM vector WHERE id = (SELECT max(id) FROM vector)", values: [] },
        ...add("new", question)
      ])
      const second = yield* plain()
      expect(second.near[0]?.score).toBe(1)
      expect(second.near.map(({ mediaId }) => mediaId)).not.toContain(first.near[0]?.mediaId)
      expect(yield* indexed()).toEqual(second)
      expect(yield* test.provide(Effect.provide(eight, threaded))).toEqual(yield* test.provide(eight))
      for (const index of [VectorIndex.layer(file), bySigns, threaded])
        expect(yield* alone(index)).toMatchObject({
          value: { total: second.total, near: [{ mediaId: second.near[0]?.mediaId }] }
        })

      yield* Effect.promise(() => fs.rm(file))
      expect(yield* indexed()).toEqual(second)
      yield* Effect.promise(() => fs.writeFile(file, "no database"))
      expect(yield* indexed()).toEqual(second)
    })
  )
})
