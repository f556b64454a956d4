import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { folder } from "../runner/Run.fixture.js"
import { Library } from "../stage/Library.js"
import { Database } from "./Database.js"
import * as Store from "./Store.js"

const tables = `CREATE TABLE shelf (key TEXT PRIMARY KEY, text TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE note (text TEXT);
  CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT);
  CREATE VIRTUAL TABLE words USING fts5(text);
  CREATE TRIGGER shelf_deleted AFTER DELETE ON shelf BEGIN DELETE FROM item_state WHERE item = 0; END;`

const store = (state: string, sql = tables, id = 1) => Store.layer(state, [{ plugin: "shelves", migrations: [{ id, sql }] }])

/** What a write comes to: its failure's code, or `written`. */
const write = (sql: string, values: ReadonlyArray<string | number> = []) =>
  Effect.flatMap(Library, (library) => library.write([{ sql, values }])).pipe(
    Effect.match({ onFailure: ({ code }) => code, onSuccess: () => "written" })
  )
const read = (sql: string) =>
  Effect.flatMap(Library, (library) => library.read({ sql, values: [] })).pipe(
    Effect.match({ onFailure: ({ code }) => code, onSuccess: (rows) => rows.length })
  )

describe("Library", () => {
  it.scopedLive("writes rows of tables that plugins have made, and their triggers do what they do", () =>
    Effect.gen(function* () {
      const root = yield* folder
      yield* Effect.gen(function* () {
        expect(yield* write("INSERT INTO shelf VALUES (?, ?)", ["a", "A"])).toBe("written")
        expect(yield* write("REPLACE INTO main.shelf VALUES (?, ?)", ["a", "B"])).toBe("written")
        expect(yield* write("WITH x(t) AS (SELECT 'n') INSERT INTO note SELECT t FROM x")).toBe("written")
        expect(yield* write("INSERT INTO words VALUES (?)", ["some words"])).toBe("written")
        expect(yield* write("DELETE FROM shelf")).toBe("written")
        expect(yield* write("DELETE FROM item_state WHERE item = 7")).toBe("written")
        expect(yield* read("SELECT * FROM note")).toBe(1)
        expect(yield* read("SELECT * FROM shelf")).toBe(0)
      }).pipe(Effect.provide(store(join(root, "state"))))
    })
  )

  it.scopedLive("takes a recursive query where a LIMIT in it ends it", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const counting = (end: string) => `WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n ${end})`
      yield* Effect.gen(function* () {
        expect(yield* write(`${counting("LIMIT 5")} INSERT INTO note SELECT i FROM n`)).toBe("written")
        expect(yield* write(`${counting("")} INSERT INTO note SELECT i FROM n`)).toBe("StatementNotAllowed")
        expect(yield* write(`${counting("")} INSERT INTO note SELECT count(*) FROM n LIMIT 1`)).toBe("StatementNotAllowed")
        expect(yield* read("SELECT * FROM note")).toBe(5)
        expect(yield* read(`${counting("LIMIT 7")} SELECT i FROM n`)).toBe(7)
        expect(yield* read(`${counting("")} SELECT count(*) FROM n LIMIT 1`)).toBe("StatementNotAllowed")
        expect(yield* read(`SELECT (${counting("")} SELECT max(i) FROM n)`)).toBe("StatementNotAllowed")
      }).pipe(Effect.provide(store(join(root, "state"))))
    })
  )

  it.scopedLive("a write that ends the transaction takes nobody's with it", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const sql = `CREATE TABLE strict_note (text TEXT UNIQUE ON CONFLICT ROLLBACK); CREATE TABLE note (text TEXT);
        CREATE TRIGGER strict_note_refused BEFORE INSERT ON strict_note WHEN NEW.text = 'never' BEGIN SELECT RAISE(ROLLBACK, 'never'); END`
      yield* Effect.gen(function* () {
        const { flush, post, prepare, rows } = yield* Database
        expect(yield* write("INSERT INTO strict_note VALUES ('a')")).toBe("written")
        // All of them share a commit.
        post(prepare("INSERT INTO fact (name, value) VALUES ('core', 'its own')"), [])
        const outcomes = yield* Effect.all(
          [
            write("INSERT INTO note VALUES ('before')"),
            write("INSERT INTO strict_note VALUES ('a')"),
            write("INSERT OR ROLLBACK INTO strict_note VALUES ('a')"),
            write("INSERT INTO strict_note VALUES ('never')"),
            write("INSERT INTO note VALUES ('after')")
          ],
          { concurrency: "unbounded" }
        )
        yield* flush
        expect(outcomes).toEqual(["written", "LibraryNotWritten", "LibraryNotWritten", "LibraryNotWritten", "written"])
        expect(rows("SELECT text FROM note ORDER BY text", [])).toEqual([{ text: "after" }, { text: "before" }])
        expect(rows("SELECT value FROM fact WHERE name = 'core'", [])).toEqual([{ value: "its own" }])
      }).pipe(Effect.provide(store(join(root, "state"), sql)))
    })
  )

  it.scopedLive("changes nothing else", () =>
    Effect.gen(function* () {
      const root = yield* folder
      yield* Effect.gen(function* () {
        for (const sql of [
          "DELETE FROM ledger",
          'UPDATE "call" SET account = 1',
          "DELETE FROM 'ledger'",
          "DELETE FROM sqlite_sequence",
          "INSERT INTO main.item_state SELECT * FROM item_state",
          "WITH x AS (SELECT 1) DELETE FROM fact",
          "DROP TABLE note",
          "CREATE TABLE other (a)",
          "PRAGMA user_version = 7",
          `ATTACH '${join(root, "other.db")}' AS other`,
          "COMMIT",
          "BEGIN",
          "VACUUM",
          "INSERT INTO note VALUES ('a'); DROP TABLE note"
        ])
          expect(yield* write(sql), sql).toBe("StatementNotAllowed")
        for (const sql of [
          "PRAGMA query_only = OFF",
          "COMMIT",
          `ATTACH '${join(root, "other.db")}' AS other`,
          "SELECT 1; SELECT 2"
        ])
          expect(yield* read(sql), sql).toBe("StatementNotAllowed")
        const { rows } = yield* Database
        expect(rows("SELECT name FROM sqlite_schema WHERE name IN ('note', 'ledger', 'other')", [])).toHaveLength(2)
        expect(rows("PRAGMA user_version", [])).not.toEqual([{ user_version: 7 }])
      }).pipe(Effect.provide(store(join(root, "state"))))
    })
  )

  it.scopedLive("a migration is one transaction, which it can't end, and fails whole", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const state = join(root, "state")
      yield* Effect.void.pipe(Effect.provide(store(state)))
      for (const sql of [
        "CREATE TABLE more (a); COMMIT; CREATE TABLE rest (a)",
        "CREATE TABLE more (a); DELETE FROM ledger",
        "CREATE TABLE more (a); DELETE FROM 'ledger'",
        "CREATE TABLE more (a); DELETE FROM migration",
        "CREATE TABLE more (a); UPDATE sqlite_sequence SET seq = 0",
        "CREATE TABLE more (a); CREATE TRIGGER rest BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TABLE more (a PRIMARY KEY); CREATE TABLE rest (a REFERENCES more DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TABLE more (a); DROP TABLE item",
        "CREATE TABLE more (a); PRAGMA foreign_keys = OFF",
        "CREATE TABLE more (a); INSERT INTO nowhere VALUES (1)",
        "CREATE TABLE more (a); CREATE TRIGGER rest AFTER INSERT ON more BEGIN SELECT 1; UPDATE call SET amount = 0; END",
        "CREATE TABLE more (a); CREATE TRIGGER rest AFTER INSERT ON ledger BEGIN DELETE FROM ledger WHERE key = NEW.key; END",
        "CREATE TABLE more (a); CREATE UNIQUE INDEX rest ON item (size)",
        "CREATE TABLE more (a); DROP INDEX IF EXISTS main.item_by_content"
      ]) {
        const error = yield* Effect.flip(Effect.void.pipe(Effect.provide(store(state, sql, 2))))
        expect(error.code, sql).toBe("MigrationFailed")
      }
      yield* Effect.flatMap(Database, ({ rows }) =>
        Effect.sync(() => expect(rows("SELECT name FROM sqlite_schema WHERE name IN ('more', 'rest')", [])).toEqual([]))
      ).pipe(Effect.provide(store(state)))
    })
  )
})
