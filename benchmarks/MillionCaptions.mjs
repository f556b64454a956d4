// Makes a library of many captions, as `persist` would have written it, in seconds instead of hours.
import { Store } from "@mediaspool/core"
import { libraryMigrations } from "@mediaspool/plugins"
import { createRequire } from "node:module"
import { Effect } from "effect"
import { join } from "node:path"

/** The driver that the store uses. */
const Sqlite = createRequire(new URL("../packages/core/package.json", import.meta.url))("better-sqlite3")

const words =
  "rain storm wind thunder piano guitar drums violin voice speech crowd street traffic engine bird forest river sea wave fire door wood metal glass footsteps night morning quiet loud soft bright dark slow fast rhythm melody noise hum click whistle bell laughter child dog cat horse train plane ship city room hall church market".split(
    " "
  )
const emotions = ["calm", "sad", "happy", "tense", "angry", "neutral"]
const instruments = ["piano", "guitar", "drums", "violin", "voice", "synthesizer", "flute", "trumpet"]

/** The same numbers each time: mulberry32. */
const random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

/** A library of `count` media, each with a caption and two tags, in the state folder `state`. */
export const makeLibrary = async (state, count) => {
  const tables = [{ plugin: "library", migrations: libraryMigrations }]
  await Effect.runPromise(Effect.provide(Effect.void, Store.layerReading(state, tables)))
  const database = new Sqlite(join(state, "spool.db"))
  database.pragma("synchronous = OFF")
  database.pragma("cache_size = -262144")
  const next = random(7)
  // The first words are common, the last are rare, as in a language.
  const word = () => words[Math.floor(words.length * next() ** 2.2)]
  const one = (list) => list[Math.floor(list.length * next() ** 1.5)]
  const item = database.prepare(
    "INSERT INTO item (id, path, dev, ino, size, mtime_ns, ctime_ns, content_hash, found_at, search_name) VALUES (?, ?, 1, ?, 1, 1, 1, ?, 1, ?)"
  )
  const media = database.prepare(
    `INSERT INTO media (id, content_hash, path, size_bytes, media_type, duration_seconds, sample_rate, channels, added_at, changed_at)
     VALUES (?, ?, ?, ?, 'audio/wav', ?, 48000, 2, ?, ?)`
  )
  const caption = database.prepare(
    "INSERT INTO caption (media_id, pipeline, node, kind, text, model, provider) VALUES (?, 'sounds', 'caption', 'Caption', ?, 'm', 'x')"
  )
  const tag = database.prepare(
    "INSERT INTO tag (media_id, pipeline, node, vocabulary, label, raw, model, provider) VALUES (?, 'sounds', ?, ?, ?, ?, 'm', 'x')"
  )
  const document = database.prepare("INSERT INTO document (media_id, pipeline, node, field, terms) VALUES (?, 'sounds', ?, ?, ?)")
  const index = database.prepare("INSERT INTO search (rowid, name, caption, tag) VALUES (?, ?, ?, ?)")
  const fill = database.transaction((from, to) => {
    for (let id = from; id < to; id++) {
      const hash = id.toString(16).padStart(64, "0")
      const name = `${word()}_${word()}_${id}.wav`
      const path = `/media/${String(id % 997).padStart(3, "0")}/${name}`
      const text = `A ${Array.from({ length: 14 }, word).join(" ")} x${id.toString(36)}.`
      const [emotion, instrument] = [one(emotions), one(instruments)]
      item.run(id, Buffer.from(path), id, hash, name)
      media.run(id, hash, path, 100_000 + id, 1 + (id % 300), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
      caption.run(id, text)
      tag.run(id, "emotion", "emotion", emotion, emotion)
      tag.run(id, "instruments", "instruments", instrument, instrument)
      document.run(id, "caption", "caption", text)
      document.run(id, "tags", "tag", `${emotion} ${instrument}`)
      index.run(id, name, text, `${emotion} ${instrument}`)
    }
  })
  for (let from = 1; from <= count; from += 20_000) fill(from, Math.min(count + 1, from + 20_000))
  database.exec("INSERT INTO search (search) VALUES ('optimize'); ANALYZE")
  database.pragma("wal_checkpoint(TRUNCATE)")
  database.close()
}
