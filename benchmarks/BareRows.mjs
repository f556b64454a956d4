// What a file of a no-op run leaves on the disk, written by hand: its row, two results, two tries and how it ended, in grouped transactions.
import { createHash } from "node:crypto"
import { closeSync, fstatSync, lstatSync, openSync, readSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"

const Sqlite = createRequire(new URL("../packages/core/package.json", import.meta.url))("better-sqlite3")
const room = Buffer.alloc(1 << 16)

/** Sha-256 of a small file, whose stamp is looked at before and afterwards. */
export const readAndHash = (path) => {
  lstatSync(path, { bigint: true })
  const file = openSync(path)
  try {
    fstatSync(file, { bigint: true })
    const size = readSync(file, room)
    fstatSync(file, { bigint: true })
    return createHash("sha256").update(room.subarray(0, size)).digest("hex")
  } finally {
    closeSync(file)
  }
}

/** Gathers rows for 25 ms, then commits them with `synchronous = FULL`. */
export const bareRows = async (folder) => {
  const { schema1 } = await import("../packages/core/dist/store/Schema1.js")
  const db = new Sqlite(join(folder, "..", "bare.db"))
  db.pragma("journal_mode = WAL")
  db.pragma("synchronous = FULL")
  db.exec(schema1)
  db.exec(`INSERT INTO plan (id, pipeline, fingerprint, description, reads_location, made_at) VALUES (1, 'waits', 'f', '{}', 0, 0);
    INSERT INTO recipe (id, digest, stage, version, preimage) VALUES (1, 'a', 'accept', 1, '{}'), (2, 'w', 'wait', 1, '{}')`)
  const item = db.prepare(
    "INSERT INTO item (path, dev, ino, size, mtime_ns, ctime_ns, content_hash, found_at) VALUES (?, 1, ?, 6, 1, 1, ?, ?)"
  )
  const result = db.prepare(
    "INSERT INTO ledger (key, recipe, inputs, outcome, value, digest, artifacts, made_at) VALUES (?, ?, ?, 'value', ?, ?, 0, ?)"
  )
  const attempt = db.prepare(
    "INSERT INTO attempt (run, item, node, key, try, outcome, started_at, milliseconds, input_tokens, output_tokens) VALUES (1, ?, ?, ?, 1, 'ran', ?, 1, 0, 0)"
  )
  const state = db.prepare("INSERT INTO item_state (item, pipeline, plan, state, settled_at) VALUES (?, 'waits', 1, 'done', ?)")
  const keyOf = (text) => createHash("sha256").update(text).digest("base64url")
  let waiting = []
  let timer
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const now = Date.now()
    db.exec("BEGIN IMMEDIATE")
    for (const [id, value] of waiting) {
      const row = item.run(Buffer.from(`/inbox/${id}.bin`), Number(id), keyOf(id), now).lastInsertRowid
      for (const [recipe, node] of [
        [1, "ingest"],
        [2, "wait"]
      ]) {
        const key = keyOf(`${node} ${id}`)
        result.run(key, recipe, `"original":"${key}"`, value, keyOf(value), now)
        attempt.run(row, node, key, now)
      }
      state.run(row, now)
    }
    db.exec("COMMIT")
    waiting = []
  }
  return {
    add: (id, value) => {
      waiting.push([id, value])
      timer ??= setTimeout(flush, 25)
    },
    flush
  }
}
