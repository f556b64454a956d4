import Sqlite from "better-sqlite3"
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Database } from "./Database.js"
import { typeIn } from "./NetworkMount.js"

const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-migration-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const shelf = (...sql: ReadonlyArray<string>) => [{ plugin: "shelf", migrations: sql.map((sql, i) => ({ id: i + 1, sql })) }]
const make = "CREATE TABLE shelf (text TEXT)"
const widen = "ALTER TABLE shelf ADD COLUMN colour TEXT; INSERT INTO shelf VALUES ('new', 'red')"

const open = (state: string, plugins = shelf(make)) =>
  Effect.map(Database, (database) => database.rows("SELECT * FROM shelf ORDER BY rowid", [])).pipe(
    Effect.provide(Database.layer(state, plugins))
  )

const edit = (state: string, sql: string) =>
  Effect.sync(() => {
    const connection = new Sqlite(join(state, "spool.db"))
    connection.exec(sql)
    connection.close()
  })

describe("Migration", () => {
  it.scoped("brings a file to the present version after a backup, and touches it no more", () =>
    Effect.gen(function* () {
      const state = yield* folder
      expect(yield* open(state)).toEqual([])
      yield* edit(state, "INSERT INTO shelf VALUES ('old')")
      expect(readdirSync(state)).not.toContain("backups")
      const migrated = [
        { text: "old", colour: null },
        { text: "new", colour: "red" }
      ]
      expect(yield* open(state, shelf(make, widen))).toEqual(migrated)
      const backups = readdirSync(join(state, "backups"))
      expect(backups).toHaveLength(1)
      const backup = new Sqlite(join(state, "backups", backups[0] ?? ""), { readonly: true })
      expect(backup.prepare("SELECT * FROM shelf").all()).toEqual([{ text: "old" }])
      backup.close()
      expect(yield* open(state, shelf(make, widen))).toEqual(migrated)
      expect(readdirSync(join(state, "backups"))).toEqual(backups)
    })
  )

  it.scoped("leaves everything as it was when a step fails", () =>
    Effect.gen(function* () {
      const state = yield* folder
      yield* open(state)
      yield* edit(state, "INSERT INTO shelf VALUES ('old')")
      const failure = yield* Effect.flip(
        open(state, shelf(make, "ALTER TABLE shelf ADD COLUMN colour TEXT; DELETE FROM nowhere"))
      )
      expect(failure).toMatchObject({ code: "MigrationFailed", retry: "config", message: expect.stringContaining("shelf 2") })
      expect(yield* open(state)).toEqual([{ text: "old" }])
    })
  )

  it.scoped("refuses what a newer version wrote", () =>
    Effect.gen(function* () {
      const state = yield* folder
      yield* open(state, shelf(make, widen))
      expect(yield* Effect.flip(open(state))).toMatchObject({
        code: "DatabaseNewer",
        message: expect.stringContaining("'shelf'")
      })
      yield* edit(state, "PRAGMA user_version = 99")
      expect(yield* Effect.flip(open(state, shelf(make, widen)))).toMatchObject({ code: "DatabaseNewer" })
    })
  )

  it.scoped("refuses a file that isn't ours, or none at all", () =>
    Effect.gen(function* () {
      const state = yield* folder
      yield* edit(state, "CREATE TABLE recipes (name TEXT)")
      expect(yield* Effect.flip(open(state))).toMatchObject({ code: "DatabaseDamaged" })
      const other = yield* folder
      writeFileSync(join(other, "spool.db"), "not a database, but long enough to look at ".repeat(40))
      expect(yield* Effect.flip(open(other))).toMatchObject({ code: "DatabaseDamaged", retry: "config" })
    })
  )

  it.scoped("asks for full durability every time it opens", () =>
    Effect.gen(function* () {
      const state = yield* folder
      for (const _ of [1, 2]) {
        const [row] = yield* Effect.flatMap(Database, (database) =>
          Effect.map(database.write([{ sql: "PRAGMA synchronous", values: [] }]), ([written]) => written?.rows ?? [])
        ).pipe(Effect.provide(Database.layer(state)))
        expect(row).toEqual({ synchronous: 2 })
      }
    })
  )
})

describe("typeIn", () => {
  const mounts = [
    "25 1 8:1 / / rw - ext4 /dev/sda1 rw",
    "60 25 0:50 / /srv/my\\040media rw - nfs4 nas:/media rw",
    "61 60 8:2 / /srv/my\\040media/local rw shared:1 - xfs /dev/sdb1 rw"
  ].join("\n")

  it("finds the nearest mount above a path", () => {
    expect(typeIn(mounts, "/home/me")).toBe("ext4")
    expect(typeIn(mounts, "/srv/my media/a")).toBe("nfs4")
    expect(typeIn(mounts, "/srv/my media")).toBe("nfs4")
    expect(typeIn(mounts, "/srv/my media/local/a")).toBe("xfs")
    expect(typeIn(mounts, "/srv/my mediathek")).toBe("ext4")
  })
})
