import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openWriter } from "./Connection.js"
import { Database } from "./Database.js"
import * as Store from "./Store.js"
import { fromSqlite } from "./StoreError.js"
import { makeWriter } from "./writer.worker.js"

/** A state folder of its own for one test. */
const folder = Effect.acquireRelease(
  Effect.sync(() => join(mkdtempSync(join(tmpdir(), "mediaspool-locked-")), "state")),
  (path) => Effect.sync(() => rmSync(join(path, ".."), { recursive: true, force: true }))
)
const insert = (name: string) => ({ sql: "INSERT INTO fact (name, value) VALUES (?, '')", values: [name] })

describe("A database", () => {
  it.scoped("that another program holds is waited for, and the wait is told once", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.flatMap(Database, ({ write }) => write([insert("a")])).pipe(Effect.provide(Store.layer(path)))
      const opened = (millis: number) =>
        Effect.acquireRelease(
          Effect.sync(() => openWriter(join(path, "spool.db"), millis)),
          (connection) => Effect.sync(() => connection.close())
        )
      const other = yield* opened(0)
      const told: Array<string> = []
      const write = makeWriter(yield* opened(1), join(path, "reserve"), (holders) => told.push(holders))
      const group = (name: string) =>
        write({ sequence: 0, statements: [{ number: 0, sql: insert(name).sql }], rows: [0, 1, name] }).fault
      other.exec("BEGIN IMMEDIATE")
      const fault = group("b")
      expect(fault && fromSqlite(fault, "DatabaseNotWritten")).toMatchObject({ code: "DatabaseLocked" })
      expect(fault?.detail).toContain("holds spool.db")
      expect(told).toHaveLength(1)
      other.exec("ROLLBACK")
      expect(group("b")).toBeUndefined()
    })
  )

  it.scoped("whose folder is moved away, or made again, is told as gone and written to no more", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.gen(function* () {
        const { present, space, write } = yield* Database
        yield* write([insert("a")])
        yield* present
        renameSync(path, `${path} moved`)
        for (const one of [present, space])
          expect(yield* Effect.flip(one)).toMatchObject({ code: "StateFolderGone", message: expect.stringContaining("removed") })
        yield* Effect.scoped(Effect.provide(Database, Store.layer(path)))
        expect(yield* Effect.flip(write([insert("b")]))).toMatchObject({
          code: "StateFolderGone",
          message: expect.stringContaining("made again")
        })
      }).pipe(Effect.provide(Store.layer(path)))
      const names = yield* Effect.map(Database, ({ rows }) => rows("SELECT name FROM fact WHERE name IN ('a', 'b')", [])).pipe(
        Effect.provide(Store.layerReading(path))
      )
      expect(names).toEqual([])
    })
  )
})
