import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Database } from "./Database.js"
import { Items } from "./Items.js"
import { Ledger } from "./Ledger.js"
import * as Store from "./Store.js"

/** A state folder of its own for one test. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-store-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const stamp = { dev: 1n, ino: 2n ** 64n - 1n, size: 10n, mtimeNs: 1_700_000_000_123_456_789n, ctimeNs: 5n }

describe("Database", () => {
  it.scoped("keeps what was written when it is opened again", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const ids = yield* Effect.flatMap(Items, (items) =>
        items.arrive([
          { path: "/a/one.wav", stamp, contentHash: "aa" },
          { path: "/a/\udcff.wav", stamp, contentHash: "bb" }
        ])
      ).pipe(Effect.provide(Store.layer(path)))
      expect(ids.map(({ id }) => id)).toEqual([1, 2])
      const again = yield* Effect.map(Items, (items) => items.at("/a/\udcff.wav")).pipe(Effect.provide(Store.layerReading(path)))
      expect(again).toEqual({ id: 2, path: "/a/\udcff.wav", contentHash: "bb", size: 10, goneAt: undefined })
    })
  )

  it.scoped("keeps what another process found at a path meanwhile as history", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.gen(function* () {
        const items = yield* Items
        const found = (name: string, contentHash: string) => ({ path: `/${name}.wav`, stamp, contentHash, isNew: true })
        const other = yield* Effect.flatMap(Items, (items) => items.arrive([found("a", "other's"), found("b", "same")])).pipe(
          Effect.provide(Store.layer(path))
        )
        const rows = yield* items.arrive([found("c", "cc"), found("a", "ours"), found("b", "same")])
        expect(rows.map(({ id }) => id)).toEqual([3, 4, other[1]?.id])
        expect(items.at("/a.wav")).toMatchObject({ id: 4, contentHash: "ours" })
        expect(items.byId(other[0]?.id ?? 0)).toMatchObject({ contentHash: "other's" })
        expect(items.byId(other[0]?.id ?? 0)?.goneAt).toBeGreaterThan(0)
      }).pipe(Effect.provide(Store.layer(path)))
    })
  )

  it.scoped("fails one transaction of a shared commit without the others", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.gen(function* () {
        const database = yield* Database
        const insert = (name: string) => ({ sql: "INSERT INTO fact (name, value) VALUES (?, '')", values: [name] })
        yield* database.write([insert("a")])
        const [good, twice, wrong, other] = yield* Effect.all(
          [
            database.write([insert("b")]),
            database.write([insert("c"), insert("a")]),
            database.write([{ sql: "INSERT INTO nowhere VALUES (1)", values: [] }]),
            database.write([insert("d")])
          ].map(Effect.either),
          { concurrency: "unbounded" }
        )
        expect([good, twice, wrong, other].map((result) => result?._tag)).toEqual(["Right", "Left", "Left", "Right"])
        expect(database.rows("SELECT name FROM fact WHERE length(name) = 1 ORDER BY name", []).map((row) => row["name"])).toEqual(
          ["a", "b", "d"]
        )
      }).pipe(Effect.provide(Store.layer(path)))
    })
  )

  it.scoped("finds a result before and after it is on disk", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.gen(function* () {
        const ledger = yield* Ledger
        const database = yield* Database
        const recipe = yield* ledger.recipe({ digest: "d", stage: "s", version: 1, preimage: "{}" })
        ledger.put({
          key: "k",
          recipe,
          inputs: "",
          outcome: "value",
          value: "1",
          file: undefined,
          digest: "x",
          artifacts: 0,
          madeWith: undefined
        })
        expect(ledger.find("k")?.value).toBe("1")
        yield* database.flush
        expect(ledger.find("k")?.value).toBe("1")
        expect(database.row("SELECT value FROM ledger WHERE key = 'k'", [])).toEqual({ value: "1" })
      }).pipe(Effect.provide(Store.layer(path)))
    })
  )
})
