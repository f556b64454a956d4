import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import { Effect } from "effect"
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openWriter } from "./Connection.js"
import * as Space from "./Space.js"
import { makeWriter } from "./writer.worker.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-space-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

describe("Space", () => {
  it.scoped("lays a reserve aside, and lets nothing begin on a disk that is nearly full", () =>
    Effect.gen(function* () {
      const path = yield* folder
      expect(yield* Effect.flip(Space.check(path, () => 1_000_000))).toMatchObject({ code: "StateDiskFull", retry: "later" })
      expect(existsSync(Space.reserveFile(path))).toBe(false)
      yield* Space.check(path)
      expect(statSync(Space.reserveFile(path)).size).toBe(4 * 1024 * 1024)
    })
  )

  it.scoped("gives the reserve up to write what is under way", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Space.check(path)
      const connection = openWriter(join(path, "spool.db"))
      connection.exec("CREATE TABLE fact (text TEXT)")
      const write = makeWriter(connection, Space.reserveFile(path))
      // A database that may not grow stands for a disk that is full; the reserve's end is what makes room.
      const pages = Number(connection.pragma("page_count", { simple: true }))
      connection.pragma(`max_page_count = ${pages}`)
      const group = (sequence: number) => ({
        sequence,
        statements: [{ number: 0, sql: "INSERT INTO fact (text) VALUES (?)" }],
        rows: [0, 1, "x".repeat(20_000)]
      })
      expect(write(group(1)).fault?.code).toBe("SQLITE_FULL")
      expect(existsSync(Space.reserveFile(path))).toBe(false)
      connection.pragma(`max_page_count = ${pages + 100}`)
      expect(write(group(2)).fault).toBeUndefined()
      connection.close()
      expect(new Sqlite(join(path, "spool.db"), { readonly: true }).prepare("SELECT count(*) FROM fact").pluck().get()).toBe(1)
    })
  )
})
