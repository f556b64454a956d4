import { describe, expect, it } from "@effect/vitest"
import { Database, Library, RawPath, Store } from "@mediaspool/core"
import { Duplicates } from "@mediaspool/plugins"
import { Effect } from "effect"
import { join } from "node:path"
import { ask, folder, library, migrations, serving, signed, signIn } from "../Serving.fixture.js"

/** Two copies of one content, and a third file that sounds the same; a fourth has nothing to do with them. */
const files = [
  ["rain.wav", "a"],
  ["old/rain.wav", "a"],
  ["rain.mp3", "b"],
  ["bell.wav", "c"]
] as const

const fill = (state: string) =>
  Effect.flatMap(Database, (database) =>
    database.write([
      ...["a", "b", "c"].map((hash) => ({
        sql: `INSERT INTO media (content_hash, path, size_bytes, media_type, duration_seconds, added_at, changed_at)
          VALUES (?, ?, 100, 'audio/wav', 3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`,
        values: [hash.repeat(64), join(state, `${hash}.wav`)]
      })),
      ...files.map(([name, hash], i) => ({
        sql: "INSERT INTO item (path, dev, ino, size, mtime_ns, ctime_ns, content_hash, found_at) VALUES (?, 1, ?, 100, 1, 1, ?, 1)",
        values: [RawPath.toBytes(join(state, name)), i, hash.repeat(64)]
      })),
      {
        sql: "INSERT INTO duplicate VALUES (1, 1, 'near', '2026-01-02T00:00:00Z'), (2, 1, 'near', '2026-01-02T00:00:00Z')",
        values: []
      }
    ])
  )

describe("duplicates", () => {
  it.scopedLive("are shown in their groups, marked, found by their marks, and unmarked again", () =>
    Effect.gen(function* () {
      const state = yield* folder
      yield* library(state, fill(state))
      const { link, port } = yield* serving(state)
      const window = signed(yield* signIn(port, yield* link))
      const get = (path: string) => Effect.map(ask(port, "GET", path, window), ({ body }) => JSON.parse(body))
      const mark = (marks: ReadonlyArray<{ readonly item: number; readonly mark: string | null }>) =>
        ask(port, "POST", "/api/duplicates/marks", window, JSON.stringify({ marks }))

      const before = yield* get("/api/duplicates")
      expect(before).toMatchObject({ total: 1, open: 1, comparedAt: "2026-01-02T00:00:00Z", fingerprints: 0 })
      expect(before.groups[0]).toMatchObject({ how: "near", count: 3, open: 3 })
      expect(before.groups[0].files.map(({ item, mark, name }: Record<string, unknown>) => [item, name, mark])).toEqual([
        [1, "rain.wav", null],
        [2, "rain.wav", null],
        [3, "rain.mp3", null]
      ])
      expect((yield* get("/api/duplicates?how=content")).total).toBe(0)
      expect((yield* get("/api/overview")).counts.duplicates).toBe(1)

      const made = yield* mark([
        { item: 1, mark: "keep" },
        { item: 2, mark: "duplicate" },
        { item: 3, mark: "duplicate" }
      ])
      expect(JSON.parse(made.body).before).toEqual([1, 2, 3].map((item) => ({ item, mark: null })))
      expect(yield* get("/api/duplicates")).toMatchObject({ total: 1, open: 0 })
      const found = (query: string) =>
        Effect.map(get(`/api/rows?q=${encodeURIComponent(query)}`), ({ rows }) => rows.map(({ id }: { id: number }) => id))
      // The content of the first two is kept in one of its files: it is no duplicate.
      expect(yield* found("dup:marked")).toEqual([2])
      expect(yield* found("dup:kept")).toEqual([1])
      expect(yield* found("-dup:marked")).toHaveLength(2)

      yield* mark(JSON.parse(made.body).before)
      expect(yield* get("/api/duplicates")).toMatchObject({ open: 1 })
      expect(yield* found("dup:marked")).toEqual([])
      expect((yield* mark([{ item: 1, mark: "delete" }])).status).toBe(400)
    })
  )

  it.scopedLive("are listed with their marks by the command, for as long as the file has the content that was marked", () =>
    Effect.gen(function* () {
      const state = yield* folder
      yield* library(state, fill(state))
      const groups = Effect.map(Duplicates.find, ({ groups }) => groups.map(({ how, marks }) => [how, ...marks]))
      yield* Effect.gen(function* () {
        const store = yield* Library
        yield* store.write([
          {
            sql: `INSERT INTO duplicate_mark SELECT content_hash, id, 'keep', '2026-01-01T00:00:00Z' FROM item WHERE id = 1`,
            values: []
          }
        ])
        // Sorted by path: old/rain.wav comes first.
        expect(yield* groups).toEqual([["content", null, "keep"]])
        const database = yield* Database
        yield* database.write([{ sql: "UPDATE item SET content_hash = ? WHERE id IN (1, 2)", values: ["d".repeat(64)] }])
        expect((yield* groups).flat()).not.toContain("keep")
      }).pipe(Effect.provide(Store.layer(state, migrations)), Effect.scoped)
    })
  )
})
