import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import { RawPath, SearchText } from "@mediaspool/core"
import { migrations } from "./LibrarySchema.js"

/** The library beside the two tables of core that it knows of. */
const open = () => {
  const database = new Sqlite(":memory:")
  database.pragma("foreign_keys = ON")
  database.exec(`
    CREATE TABLE item (id INTEGER PRIMARY KEY, path BLOB NOT NULL, content_hash TEXT, gone_at INTEGER NOT NULL DEFAULT 0,
      search_name TEXT, search_parts TEXT, search_path TEXT);
    CREATE TABLE item_state (item INTEGER, pipeline TEXT, state TEXT, PRIMARY KEY (item, pipeline));`)
  // What core gives to migrations.
  const text = (make: (text: string) => string | null) => (value: unknown) => (value === null ? null : make(String(value)))
  database.function("search_index", text(SearchText.index))
  database.function("search_parts", text(SearchText.parts))
  database.function("search_term", text(SearchText.term))
  for (const { sql } of migrations) database.exec(sql)
  return database
}

/** Files as a scan writes and renames them. */
const files = (database: Sqlite.Database) => {
  const insert = database.prepare(
    "INSERT INTO item (path, content_hash, search_name, search_parts, search_path, id) VALUES (?, ?, ?, ?, ?, ?)"
  )
  const update = database.prepare(
    "UPDATE item SET path = ?, search_name = ?, search_parts = ?, search_path = ?, gone_at = 0 WHERE id = ?"
  )
  const search = (path: string) => Object.values(SearchText.ofPath(path))
  return {
    put: (id: number, path: string, hash: string) => insert.run(RawPath.toBytes(path), hash, ...search(path), id),
    move: (id: number, path: string) => update.run(RawPath.toBytes(path), ...search(path), id)
  }
}

const filled = () => {
  const database = open()
  const { put } = files(database)
  put(1, "/a/夜雨 one.wav", "h1")
  put(2, "/a/two.wav", "h2")
  database.exec(`
    INSERT INTO item_state VALUES (1, 'p', 'done'), (1, 'q', 'done'), (2, 'p', 'done');
    INSERT INTO media (content_hash, path, size_bytes, media_type, added_at, changed_at)
      VALUES ('h1', '/a/夜雨 one.wav', 1, 'audio/wav', '', ''), ('h2', '/a/two.wav', 1, 'audio/wav', '', '');
    INSERT INTO caption (media_id, pipeline, node, kind, text, model, provider) VALUES (1, 'p', 'caption', 'Caption', 'rain', 'm', 'x');
    INSERT INTO tag (media_id, pipeline, node, vocabulary, label, raw, model, provider) VALUES (1, 'p', 'mood', 'emotion', 'sad', 'sad', 'm', 'x');
    INSERT INTO result VALUES (1, 'p', 'numbers', 'Acoustics', '{"tempo":{"beatsPerMinute":120},"key":{"tonic":"C","mode":"major"}}');
    INSERT INTO document (media_id, pipeline, node, field, terms) VALUES (1, 'p', 'caption', 'caption', 'rain'), (1, 'p', 'mood', 'tag', 'sad'), (1, 'q', 'caption', 'caption', 'storm');
    INSERT INTO search (rowid, name, title, caption, tag, other, name_parts, title_parts, other_parts) SELECT * FROM searchable;
    INSERT INTO receipt VALUES ('h1', 'p', 'persist', 'k1', '[]', ''), ('h1', 'q', 'persist', 'k2', '[]', ''), ('h2', 'p', 'persist', 'k3', '[]', '');`)
  const all = (sql: string) => database.prepare(sql).pluck().all()
  const finds = (match: string) => database.prepare("SELECT rowid FROM search WHERE search MATCH ?").pluck().all(match)
  return { database, all, finds, ...files(database) }
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
    const { all, database, finds, move, put } = filled()
    const paths = () => all("SELECT path || ' ' || missing FROM media ORDER BY id")
    move(1, "/b/uno 雷.wav")
    expect(paths()[0]).toBe("/b/uno 雷.wav 0")
    expect([finds("one"), finds("uno"), finds("雷"), finds("rain")]).toEqual([[], [1], [1], [1]])
    put(3, "/c/DoorSlam_copy.wav", "h1")
    expect(paths()[0]).toBe("/b/uno 雷.wav 0")
    // Each of the copies is found under its own name, and by the parts of its words.
    expect([finds("uno"), finds("copy"), finds("doorslam"), finds("name_parts: slam")]).toEqual([[1], [1], [1], [1]])
    database.exec("UPDATE item SET gone_at = 9 WHERE id = 1")
    expect(paths()[0]).toBe("/c/DoorSlam_copy.wav 0")
    expect([finds("uno"), finds("copy")]).toEqual([[], [1]])
    database.exec("UPDATE item SET gone_at = 9 WHERE id = 3")
    expect(paths()[0]).toBe("/c/DoorSlam_copy.wav 1")
    expect(finds("copy")).toEqual([1])
    put(4, "/d/back.wav", "h1")
    expect(paths()).toEqual(["/d/back.wav 0", "/a/two.wav 0"])
    expect([finds("copy"), finds("back")]).toEqual([[], [1]])
  })

  it("says that content is gone whose file could not be read, and has another one since", () => {
    const { all, database } = filled()
    const missing = () => all("SELECT missing FROM media ORDER BY id")
    database.exec("UPDATE item SET content_hash = NULL WHERE id = 1")
    expect(missing()).toEqual([1, 0])
    database.exec("UPDATE item SET content_hash = 'h1' WHERE id = 1")
    expect(missing()).toEqual([0, 0])
    database.exec("UPDATE item SET content_hash = NULL WHERE id = 1; UPDATE item SET content_hash = 'h3' WHERE id = 1")
    expect(missing()).toEqual([1, 0])
  })

  it("keeps names that are no text, byte by byte", () => {
    const { database, finds, move } = filled()
    const path = RawPath.fromBytes(Buffer.from([0x2f, 0x61, 0xff, 0x62, 0x20, 0x7a]))
    move(2, path)
    expect(database.prepare("SELECT CAST(path AS BLOB) FROM media WHERE id = 2").pluck().get()).toEqual(RawPath.toBytes(path))
    expect(finds("z")).toEqual([2])
  })

  it("keeps the number of files with each label, whatever is done to the tags", () => {
    const { all, database } = filled()
    const facets = () => all("SELECT label || ' ' || files FROM facet ORDER BY label")
    const tag = (media: number, label: string) =>
      database
        .prepare(
          "INSERT INTO tag (media_id, pipeline, node, vocabulary, label, raw, model, provider) VALUES (?, 'p', 'mood', 'emotion', ?, '', '', '')"
        )
        .run(media, label)
    for (const [media, label] of [
      [1, "sad"],
      [2, "sad"],
      [2, "calm"],
      [2, "calm"]
    ] as const)
      tag(media, label)
    expect(facets()).toEqual(["calm 1", "sad 2"])
    database.exec("UPDATE tag SET label = 'happy' WHERE media_id = 2 AND label = 'sad'")
    expect(facets()).toEqual(["calm 1", "happy 1", "sad 1"])
    database.exec("DELETE FROM tag WHERE media_id = 1 AND id = (SELECT min(id) FROM tag WHERE media_id = 1)")
    expect(facets()).toEqual(["calm 1", "happy 1", "sad 1"])
    database.exec("DELETE FROM media WHERE id = 1")
    expect(facets()).toEqual(["calm 1", "happy 1"])
  })

  it("shows measurements as columns", () => {
    const { database } = filled()
    expect(database.prepare("SELECT media_id, beats_per_minute, musical_key FROM acoustics").get()).toEqual({
      media_id: 1,
      beats_per_minute: 120,
      musical_key: "C major"
    })
  })
})
