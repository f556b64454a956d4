import { expect, it } from "@effect/vitest"
import { Store } from "@mediaspool/core"
import Sqlite from "better-sqlite3"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { migrations } from "./LibrarySchema.js"
import * as Search from "./Search.js"

/** A library as the first version left it: names in no index but its own, nothing folded but captions. */
const old = (file: string) => {
  const database = new Sqlite(file)
  const insert = database.prepare(
    "INSERT INTO item (path, dev, ino, size, mtime_ns, ctime_ns, content_hash, found_at) VALUES (?, 1, ?, 1, 1, 1, ?, 1)"
  )
  database.exec(`
    ALTER TABLE item DROP COLUMN search_name; ALTER TABLE item DROP COLUMN search_parts; ALTER TABLE item DROP COLUMN search_path;
    DROP TABLE content_alias; DROP TABLE tag_write; DROP TABLE ignored_file; PRAGMA user_version = 1;`)
  for (const [n, [path, hash]] of [
    ["/in/Чайка.wav", "h1"],
    ["/archiv/Möwe/DoorSlam_Wood01.wav", "h1"],
    ["/in/two.wav", "h2"]
  ].entries())
    insert.run(Buffer.from(path ?? ""), n, hash)
  database.exec(`
    INSERT INTO media (content_hash, path, size_bytes, media_type, added_at, changed_at)
      VALUES ('h1', '/in/Чайка.wav', 1, 'audio/wav', '', ''), ('h2', '/in/two.wav', 1, 'audio/wav', '', '');
    INSERT INTO caption (media_id, pipeline, node, kind, text, model, provider) VALUES (1, 'p', 'caption', 'Caption', 'Łódź 夜雨', 'm', 'x');
    INSERT INTO tag (media_id, pipeline, node, vocabulary, label, raw, model, provider)
      VALUES (1, 'p', 'mood', 'emotion', 'sad', 'Down-hearted', 'm', 'x'), (2, 'p', 'mood', 'emotion', 'sad', 'sad', 'm', 'x');
    INSERT INTO result VALUES (2, 'p', 'probe', 'Probe', '{"tags":{"title":"Smørrebrød","encoder":"x","comment":"Harbour, DoorSlam, दिन"}}');
    INSERT INTO document VALUES (1, 'p', 'caption', 'caption', 'łodz 夜雨 雨'), (1, 'p', 'mood', 'tag', 'sad'), (2, 'p', 'probe', 'title', 'smørrebrød');
    INSERT INTO search (rowid, name, title, caption, tag, other) SELECT * FROM searchable;`)
  database.close()
}

it.scoped("an older library is found by everything that a new one is", () =>
  Effect.gen(function* () {
    const state = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-upgrade-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    yield* Effect.void.pipe(
      Effect.provide(Store.layerReading(state, [{ plugin: "library", migrations: migrations.slice(0, 1) }]))
    )
    yield* Effect.sync(() => old(join(state, "spool.db")))
    const found = (typed: string) => Effect.map(Search.search(typed), ({ found }) => found.map(({ mediaId }) => mediaId))
    yield* Effect.gen(function* () {
      for (const typed of ["чаика", "wood", "name:slam", "path:MÖWE", "lodz", "夜雨", "emotion:down_hearted"])
        expect(yield* found(typed), typed).toEqual([1])
      for (const typed of ["smorrebrod", "harbour", "harbour slam", "दिन"]) expect(yield* found(typed), typed).toEqual([2])
      expect(yield* found("दान")).toEqual([])
      expect(yield* found("emotion:sad")).toEqual([2, 1])
      expect(yield* Search.facets).toEqual([{ vocabulary: "emotion", label: "sad", files: 2 }])
    }).pipe(Effect.provide(Store.layerReading(state, [{ plugin: "library", migrations }])))
  })
)
