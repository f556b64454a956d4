import { describe, expect, it } from "@effect/vitest"
import { Column, Database } from "@mediaspool/core"
import { Effect } from "effect"
import { folder, library, migrations } from "../Serving.fixture.js"
import * as Kept from "./Kept.js"
import { LibraryConnection } from "./LibraryConnection.js"

/** A library of so many files. */
const filled = (files: number) =>
  Effect.gen(function* () {
    const state = yield* folder
    const rows = Array.from({ length: files }, (_, i) => ({
      sql: "INSERT INTO item (path, dev, ino, size, mtime_ns, ctime_ns, found_at) VALUES (?, 1, ?, 1, 1, 1, 1)",
      values: [Buffer.from(`/${i}.wav`), i]
    }))
    yield* library(
      state,
      Effect.flatMap(Database, (database) => database.write(rows))
    )
    return LibraryConnection.layer({ state, migrations })
  })

describe("What is kept", () => {
  it.scopedLive("is counted once, and is no other library's, though one program serves both", () =>
    Effect.gen(function* () {
      let counted = 0
      const kept = Kept.make<number>(1)
      const files = kept("", ({ query }) =>
        Effect.map(query.rows("SELECT count(*) AS n FROM item", []), ([row]) => {
          counted++
          return row === undefined ? 0 : (Column.number(row, "n") ?? 0)
        })
      )
      const [few, many] = [yield* filled(2), yield* filled(5)]
      expect(yield* Effect.provide(Effect.all([files, files]), few)).toEqual([2, 2])
      expect(yield* Effect.provide(Effect.all([files, files]), many)).toEqual([5, 5])
      expect(counted).toBe(2)
    })
  )
})
