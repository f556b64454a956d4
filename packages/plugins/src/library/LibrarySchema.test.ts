import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import { FastCheck as fc } from "effect"
import { migrations } from "./LibrarySchema.js"
import * as Tokenizer from "./Tokenizer.js"

/** The library beside the two tables of core that it knows of. */
const open = () => {
  const database = new Sqlite(":memory:")
  database.pragma("foreign_keys = ON")
  database.exec(`
    CREATE TABLE item (id INTEGER PRIMARY KEY, path BLOB NOT NULL, content_hash TEXT, gone_at INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE item_state (item INTEGER, pipeline TEXT, state TEXT, PRIMARY KEY (item, pipeline));`)
  for (const { sql } of migrations) database.exec(sql)
  return database
}

const filled = () => {
  const database = open()
  database.exec(`
    INSERT INTO item VALUES (1, CAST('/a/夜雨 one.wav' AS BLOB), 'h1', 0), (2, CAST('/a/two.wav' AS BLOB), 'h2', 0);
    INSERT INTO item_state VALUES (1, 'p', 'done'), (1, 'q', 'done'), (2, 'p', 'done');
    INSERT INTO media (content_hash, path, size_bytes, media_type, added_at, changed_at)
      VALUES ('h1', '/a/夜雨 one.wav', 1, 'audio/wav', '', ''), ('h2', '/a/two.wav', 1, 'audio/wav', '', '');
    INSERT INTO caption (media_id, pipeline, node, kind, text, model, provider) VALUES (1, 'p', 'caption', 'Caption', 'rain', 'm', 'x');
    INSERT INTO tag (media_id, pipeline, node, vocabulary, label, raw, model, provider) VALUES (1, 'p', 'mood', 'emotion', 'sad', 'sad', 'm', 'x');
    INSERT INTO result VALUES (1, 'p', 'numbers', 'Acoustics', '{"tempo":{"beatsPerMinute":120},"key":{"tonic":"C","mode":"major"}}');
    INSERT INTO document VALUES (1, 'p', 'caption', 'caption', 'rain'), (1, 'p', 'mood', 'tag', 'sad'), (1, 'q', 'caption', 'caption', 'storm');
    INSERT INTO search (rowid, name, title, caption, tag, other) SELECT * FROM searchable;
    INSERT INTO receipt VALUES ('h1', 'p', 'persist', 'k1', '[]', ''), ('h1', 'q', 'persist', 'k2', '[]', ''), ('h2', 'p', 'persist', 'k3', '[]', '');`)
  const all = (sql: string) => database.prepare(sql).pluck().all()
  const finds = (match: string) => database.prepare("SELECT rowid FROM search WHERE search MATCH ?").pluck().all(match)
  return { database, all, finds }
}

describe("LibrarySchema", () => {
  it.each([
    ["caption", "DELETE FROM caption"],
    ["tag", "DELETE FROM tag"],
    ["result", "DELETE FROM result"]
  ])("reopens the pipeline, and only it, when a %s is deleted", (_, sql) => {
    const { all, database } = filled()
    database.exec(sql)
    expect(all("SELECT key FROM receipt ORDER BY key")).toEqual(["k2", "k3"])
    expect(all("SELECT item || pipeline FROM item_state ORDER BY 1")).toEqual(["1q", "2p"])
  })

  it("takes everything along when a file's row is deleted, with and without foreign keys", () => {
    for (const keys of ["ON", "OFF"]) {
      const { all, database, finds } = filled()
      database.pragma(`foreign_keys = ${keys}`)
      database.exec("DELETE FROM media WHERE id = 1")
      for (const table of ["caption", "tag", "result", "document"]) expect(all(`SELECT count(*) FROM ${table}`)).toEqual([0])
      expect(all("SELECT key FROM receipt")).toEqual(["k3"])
      expect(all("SELECT item FROM item_state")).toEqual([2])
      expect(finds("rain")).toEqual([])
      expect(finds("two")).toEqual([2])
    }
  })

  it("lets forgotten content rest", () => {
    const { all, database } = filled()
    database.exec("INSERT INTO forgotten VALUES ('h1', ''); DELETE FROM media WHERE id = 1")
    expect(all("SELECT count(*) FROM receipt")).toEqual([3])
    expect(all("SELECT count(*) FROM item_state")).toEqual([3])
  })

  it("finds by name, caption and tag, and no longer what was deleted", () => {
    const { database, finds } = filled()
    expect([finds("one"), finds("rain AND sad AND storm"), finds('"夜雨"'), finds("two")]).toEqual([[1], [1], [1], [2]])
    database.exec("DELETE FROM caption")
    expect([finds("rain"), finds("sad"), finds("storm")]).toEqual([[], [1], [1]])
  })

  it("follows a file that is renamed, leaves, comes back, or has a copy", () => {
    const { all, database, finds } = filled()
    const paths = () => all("SELECT path || ' ' || missing FROM media ORDER BY id")
    database.exec("UPDATE item SET path = CAST('/b/uno 雷.wav' AS BLOB) WHERE id = 1")
    expect(paths()[0]).toBe("/b/uno 雷.wav 0")
    expect([finds("one"), finds("uno"), finds("雷"), finds("rain")]).toEqual([[], [1], [1], [1]])
    database.exec("INSERT INTO item VALUES (3, CAST('/c/copy.wav' AS BLOB), 'h1', 0)")
    expect(paths()[0]).toBe("/b/uno 雷.wav 0")
    database.exec("UPDATE item SET gone_at = 9 WHERE id = 1")
    expect(paths()[0]).toBe("/c/copy.wav 0")
    database.exec("UPDATE item SET gone_at = 9 WHERE id = 3")
    expect(paths()[0]).toBe("/c/copy.wav 1")
    database.exec("INSERT INTO item VALUES (4, CAST('/d/back.wav' AS BLOB), 'h1', 0)")
    expect(paths()).toEqual(["/d/back.wav 0", "/a/two.wav 0"])
  })

  it("keeps names that are no text, byte by byte", () => {
    const { database, finds } = filled()
    const path = Buffer.from([0x2f, 0x61, 0xff, 0x62, 0x20, 0x7a])
    database.prepare("UPDATE item SET path = ? WHERE id = 2").run(path)
    expect(database.prepare("SELECT CAST(path AS BLOB) FROM media WHERE id = 2").pluck().get()).toEqual(path)
    expect(finds("z")).toEqual([2])
  })

  it("shows measurements as columns", () => {
    const { database } = filled()
    expect(database.prepare("SELECT media_id, beats_per_minute, musical_key FROM acoustics").get()).toEqual({
      media_id: 1,
      beats_per_minute: 120,
      musical_key: "C major"
    })
  })

  const name = fc.stringOf(fc.constantFrom("a", "雨", "夜", " ", ".", "ー", "밤", "𠀀", "😀", "_"), {
    minLength: 1,
    maxLength: 12
  })
  const database = open()
  const terms = database.prepare("SELECT terms FROM media_name").pluck()
  it.prop("prepares names for the search as everything else", [name], ([name]) => {
    database.exec("DELETE FROM media")
    database
      .prepare(
        "INSERT INTO media (content_hash, path, size_bytes, media_type, added_at, changed_at) VALUES ('', ?, 1, '', '', '')"
      )
      .run(`/a/b/${name}`)
    expect(terms.get()).toBe(Tokenizer.index(name))
  })
})
