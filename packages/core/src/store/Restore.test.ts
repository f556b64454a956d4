import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import { Effect } from "effect"
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { files, folder, layer, plan, run, textStage } from "../runner/Run.fixture.js"
import { backUp } from "./Backup.js"
import { Database } from "./Database.js"
import { restore } from "./Restore.js"
import * as Store from "./Store.js"

const count = (file: string, table: string): number => {
  const connection = new Sqlite(file, { readonly: true })
  try {
    return Number(connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get())
  } finally {
    connection.close()
  }
}

/** A state folder with the results of some files; gives its path. */
const filled = (root: string, names: ReadonlyArray<string>) =>
  run(plan([{ name: "text", stage: textStage("text").stage }]), [
    files(join(root, "in"), Object.fromEntries(names.map((name) => [name, name])))
  ]).pipe(Effect.provide(layer(join(root, "state"))), Effect.as(join(root, "state")))

/** Opens the store, as the next command would. */
const opened = (state: string) => Effect.void.pipe(Effect.provide(layer(state)))

describe("The database when nobody uses it", () => {
  it.scopedLive("is one file", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const state = yield* filled(root, ["a.wav", "b.wav"])
      const files = () => readdirSync(state).filter((name) => name.startsWith("spool.db"))
      expect(files()).toEqual(["spool.db"])
      // A command that only reads leaves no log either.
      const items = Effect.flatMap(Database, ({ reading, rows }) => reading(() => rows("SELECT id FROM item", [])))
      expect(yield* items.pipe(Effect.provide(Store.layerReading(state)))).toHaveLength(2)
      expect(files()).toEqual(["spool.db"])
      copyFileSync(join(state, "spool.db"), join(root, "copy.db"))
      expect(count(join(root, "copy.db"), "ledger")).toBe(4)
    })
  )

  it.scopedLive("is told when it is empty, another one, or lacks results, before anything runs again", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const state = yield* filled(root, ["a.wav", "b.wav"])
      const other = yield* filled(join(root, "else"), ["a.wav", "b.wav", "c.wav"])
      const file = join(state, "spool.db")
      const copy = join(root, "copy.db")
      renameSync(file, copy)

      const empty = yield* Effect.flip(opened(state))
      expect(empty).toMatchObject({ code: "ResultsMissing", retry: "config" })
      expect(empty.message).toMatch(/4 steps have been recorded in .* since \d{4}-.*spool.db is empty/)

      copyFileSync(join(other, "spool.db"), file)
      expect((yield* Effect.flip(opened(state))).message).toContain("is another database")

      rmSync(file)
      renameSync(copy, file)
      yield* opened(state)

      rmSync(file)
      rmSync(join(state, "results.json"))
      yield* opened(state)
    })
  )
})

describe("backUp", () => {
  it.scopedLive("replaces an earlier backup, and nothing else", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const state = yield* filled(root, ["a.wav"])
      const original = join(root, "in", "a.wav")
      const pipe = join(root, "pipe")
      const link = join(root, "link.db")
      const foreign = join(root, "foreign.db")
      execFileSync("mkfifo", [pipe])
      symlinkSync(original, link)
      new Sqlite(foreign).exec("CREATE TABLE t (a)").close()
      const live = join(state, "spool.db")
      const { ino } = statSync(live)
      yield* Effect.gen(function* () {
        for (const path of [original, pipe, link, foreign, live, root, "/dev/null"])
          expect((yield* Effect.flip(backUp(path))).code, path).toBe("BackupRefused")
        yield* backUp(join(root, "backups", "one.db"))
        yield* backUp(join(root, "backups", "one.db"))
      }).pipe(Effect.provide(layer(state)))
      expect(readFileSync(original, "utf8")).toBe("a.wav")
      expect(statSync(live).ino).toBe(ino)
      expect(statSync(pipe).isFIFO()).toBe(true)
      expect(readdirSync(join(root, "backups"))).toEqual(["one.db"])
    })
  )
})

describe("restore", () => {
  it.scopedLive("puts a backup in place, keeps what was there, and says what will be made again", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const state = yield* filled(root, ["a.wav"])
      const backup = join(root, "backup.db")
      yield* backUp(backup).pipe(Effect.provide(layer(state)))
      yield* filled(root, ["a.wav", "b.wav"])

      const restored = yield* restore(backup, state)
      expect(restored).toMatchObject({ artifacts: 0, missingArtifacts: 0 })
      expect(readdirSync(state).filter((name) => name.startsWith("spool.db"))).toEqual(["spool.db"])
      expect(readdirSync(root).filter((name) => name.startsWith("backup"))).toEqual(["backup.db"])
      expect(count(join(state, "spool.db"), "ledger")).toBe(2)
      expect(count(restored.replaced ?? "", "ledger")).toBe(4)
      // It is what the folder has now: no other run is refused.
      yield* opened(state)
      yield* filled(root, ["a.wav", "b.wav"])
      expect(count(join(state, "spool.db"), "ledger")).toBe(4)
    })
  )

  it.scopedLive("takes a copy of a database with the log that it had", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const state = yield* filled(root, ["a.wav"])
      const copy = join(root, "copy.db")
      yield* Effect.gen(function* () {
        const { write } = yield* Database
        yield* write([{ sql: "INSERT INTO fact (name, value) VALUES ('late', 'in the log')", values: [] }])
        for (const log of ["", "-wal"]) copyFileSync(join(state, `spool.db${log}`), copy + log)
      }).pipe(Effect.provide(layer(state)))
      chmodSync(copy, 0o444)
      yield* restore(copy, state)
      expect(count(join(state, "spool.db"), "fact WHERE name = 'late'")).toBe(1)
    })
  )

  it.scopedLive("refuses what is no backup, and while another process works with the folder", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const state = yield* filled(root, ["a.wav"])
      const backup = join(root, "backup.db")
      yield* backUp(backup).pipe(Effect.provide(layer(state)))
      writeFileSync(join(root, "text"), "no database")
      const half = join(root, "half.db")
      writeFileSync(half, readFileSync(backup).subarray(0, 6_000))
      for (const file of [join(root, "text"), join(root, "nothing"), half])
        expect((yield* Effect.flip(restore(file, state))).code, file).toMatch(/RestoreRefused|DatabaseDamaged/)
      yield* Effect.gen(function* () {
        expect((yield* Effect.flip(restore(backup, state))).code).toBe("RestoreRefused")
      }).pipe(Effect.provide(layer(state)))
      expect(existsSync(join(state, "spool.db"))).toBe(true)
      expect(count(join(state, "spool.db"), "ledger")).toBe(2)
    })
  )
})
