// The libraries that the page's benchmark serves: a real one of one file, and rows as a run leaves them.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
export const spool = join(root, "packages/cli/bin/spool.js")
/** The driver is the store's own. */
export const Sqlite = createRequire(join(root, "packages/core/package.json"))("better-sqlite3")

export const words =
  "rain thunder kettle lake forest bird voice piano guitar drum wind water street night engine crowd bell door step song".split(
    " "
  )
const labels = ["calm", "neutral", "tense", "sad", "happy"]
const hash = (i) => createHash("sha256").update(String(i)).digest("hex")

/** A folder with a config and a library of one file. */
export const folderOf = (name, folder = mkdtempSync(join(tmpdir(), `mediaspool-page-${name}-`))) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, "spool.yaml"),
    "pipelines:\n  sounds:\n    source: { folder: ./sounds }\n    stages: { probe: {}, acoustic: {}, describe: {}, persist: {} }\n"
  )
  spawnSync(process.execPath, [spool, "samples", "tone", "--into", "sounds"], { cwd: folder })
  const { status, stderr } = spawnSync(process.execPath, [spool, "run"], { cwd: folder, encoding: "utf8" })
  if (status !== 0) throw new Error(`spool run ended with ${status}: ${stderr}`)
  return folder
}

/** Rows as 'persist' leaves them, written in one go. */
export const fill = (folder, count) => {
  const database = new Sqlite(join(folder, ".spool", "spool.db"))
  database.pragma("journal_mode = WAL")
  const triggers = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all()
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`)
  const media = database.prepare(
    `INSERT INTO media (content_hash, path, size_bytes, media_type, duration_seconds, sample_rate, channels, container, audio_codec, added_at, changed_at)
     VALUES (?, ?, 1000, 'audio/wav', ?, 48000, 2, 'wav', 'pcm_s16le', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`
  )
  const caption = database.prepare(
    "INSERT INTO caption (media_id, pipeline, node, kind, text, model, provider) VALUES (?, 'sounds', 'describe', 'Caption', ?, 'm', 'p')"
  )
  const tag = database.prepare(
    "INSERT INTO tag (media_id, pipeline, node, vocabulary, label, raw, confidence, model, provider) VALUES (?, 'sounds', 'mood', 'mood', ?, ?, 0.9, 'm', 'p')"
  )
  const search = database.prepare("INSERT INTO search (rowid, name, caption, tag) VALUES (?, ?, ?, ?)")
  const wave = Buffer.from(Array.from({ length: 200 }, (_, i) => 60 + ((i * 37) % 190)))
  database.exec(
    "CREATE TABLE IF NOT EXISTS waveform_peaks (content_hash TEXT PRIMARY KEY, peaks BLOB) STRICT, WITHOUT ROWID; INSERT OR IGNORE INTO migration VALUES ('page', 1, 0)"
  )
  const peaks = database.prepare("INSERT OR REPLACE INTO waveform_peaks (content_hash, peaks) VALUES (?, ?)")
  database.exec("BEGIN")
  for (let i = 1; i <= count; i++) {
    const said = Array.from({ length: 12 }, (_, k) => words[(i * (k + 3) + k * k + (i >> 5)) % words.length]).join(" ")
    const label = labels[i % labels.length]
    const content = hash(i)
    const { lastInsertRowid } = media.run(content, `/library/box ${i % 500}/clip ${i}.wav`, (i % 900) + 1)
    caption.run(lastInsertRowid, said)
    tag.run(lastInsertRowid, label, label)
    search.run(lastInsertRowid, `clip ${i}`, said, label)
    if (i > count - 2_000) peaks.run(content, wave)
  }
  database.exec(
    "DELETE FROM facet; INSERT INTO facet SELECT vocabulary, label, count(DISTINCT media_id) FROM tag GROUP BY vocabulary, label"
  )
  database.exec("COMMIT")
  for (const { sql } of triggers) database.exec(sql)
  database.exec("ANALYZE")
  database.close()
}

/** A library of so many files: with a folder it is written there once, and used again. */
export const largeIn = (kept, count) => {
  if (kept !== undefined && existsSync(join(kept, ".spool", "filled"))) return kept
  const folder = folderOf("large", kept)
  fill(folder, count)
  writeFileSync(join(folder, ".spool", "filled"), "")
  return folder
}
