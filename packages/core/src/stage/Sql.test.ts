import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import * as fc from "fast-check"
import * as Sql from "./Sql.js"

const one = (sql: string) => Sql.statements(sql)[0]

describe("Sql", () => {
  it("finds the verb and the table, however they are written", () => {
    expect(one("insert or ignore into Level (a) values (1)")).toMatchObject({ verb: "INSERT", table: "level" })
    expect(one('/* DROP TABLE x; */ REPLACE INTO "my level" VALUES (1)')).toMatchObject({ table: "my level" })
    expect(one("UPDATE OR ABORT main.[level] SET a = 1")).toMatchObject({ verb: "UPDATE", table: "level" })
    expect(one("DELETE FROM temp.level -- all")).toMatchObject({ verb: "DELETE", table: "temp.level" })
    expect(one("WITH old AS (DELETE) , x(a) AS (SELECT 1) INSERT INTO level SELECT a FROM x")).toMatchObject({
      verb: "WITH",
      table: "level"
    })
    expect(one("CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text)")).toMatchObject({ verb: "CREATE", table: "words" })
    expect(one("DELETE FROM 'it''s level' WHERE a = '('")).toMatchObject({ verb: "DELETE", table: "it's level" })
    expect(one("SELECT ';' FROM level; DROP TABLE level")).toMatchObject({ verb: "SELECT", table: undefined })
  })

  it("keeps a trigger's body together", () => {
    const script = `CREATE TABLE a (x);
      CREATE TRIGGER t AFTER DELETE ON a BEGIN
        UPDATE b SET y = CASE WHEN 1 THEN 2 END;
        DELETE FROM item_state WHERE item = OLD.x;
      END;
      COMMIT; INSERT INTO a VALUES (';')`
    expect(Sql.statements(script).map(({ verb }) => verb)).toEqual(["CREATE", "CREATE", "COMMIT", "INSERT"])
  })

  it("says what an index or a trigger is made on, and what a trigger does", () => {
    expect(one("CREATE UNIQUE INDEX IF NOT EXISTS main.i ON [Level] (a)")).toMatchObject({ name: "i", on: "level", body: [] })
    const trigger = one(`CREATE TEMP TRIGGER t AFTER UPDATE OF a, b ON level WHEN CASE NEW.a WHEN 1 THEN 1 END BEGIN
      SELECT 1; WITH x AS (SELECT 2) DELETE FROM "other"; END`)
    expect(trigger).toMatchObject({ name: "t", on: "level" })
    expect(trigger?.body.map(({ table, verb }) => `${verb} ${table}`)).toEqual(["SELECT undefined", "WITH other"])
    expect(one("DROP INDEX IF EXISTS main.i")).toMatchObject({ verb: "DROP", name: "i", on: undefined })
  })

  it("says whether a trigger refuses, and a key waits for the end of the transaction", () => {
    const trigger = (body: string) => one(`CREATE TRIGGER t BEFORE INSERT ON level BEGIN ${body}; END`)
    expect(trigger("SELECT raise (ABORT, 'no')")).toMatchObject({ raises: true })
    expect(trigger("SELECT 'RAISE('")).toMatchObject({ raises: false })
    expect(one("CREATE TABLE a (b REFERENCES c DEFERRABLE INITIALLY DEFERRED)")).toMatchObject({ table: "a", defers: true })
    expect(one("CREATE TABLE a (b REFERENCES c DEFERRABLE INITIALLY IMMEDIATE)")).toMatchObject({ defers: false })
  })

  it("knows which tables a script makes", () => {
    const script =
      "CREATE TABLE level_new (a); DROP TABLE level; ALTER TABLE level_new RENAME TO level; CREATE INDEX i ON level (a)"
    expect(Sql.tablesMade(script)).toEqual(["level_new", "level"])
  })

  it("splits as SQLite does, whatever stands in texts, names and comments", () => {
    const connection = new Sqlite(":memory:")
    const piece = fc.oneof(
      fc.string({ maxLength: 6 }).map((text) => `SELECT '${text.replaceAll("\0", "").replaceAll("'", "''")}'`),
      fc.string({ maxLength: 6 }).map((text) => `SELECT 1 AS "${text.replaceAll("\0", "").replaceAll('"', '""')}_"`),
      fc.constantFrom("SELECT 1 -- ; '\n", 'SELECT /* ; " */ 2', "SELECT CASE WHEN 1 THEN 2 END", "VALUES (1)")
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), (pieces) => {
        for (const sql of pieces) connection.prepare(sql)
        expect(Sql.statements(pieces.join("\n;")).length).toBe(pieces.length)
      })
    )
  })
})
