import Database from "better-sqlite3"
import { Effect } from "effect"

/** A file near a question, with the squared distance. */
export interface Near {
  readonly mediaId: number
  readonly squared: number
}

export interface Nearest {
  readonly _tag: "Nearest"
  /** The nearest first, each file once. */
  readonly near: ReadonlyArray<Near>
  /** Files that have a vector of the model. */
  readonly total: number
}

/** Vectors among which the nearest are, by their signs alone: whoever asked compares their numbers. */
export interface Candidates {
  readonly _tag: "Candidates"
  /** Numbers of the vectors in the library. */
  readonly ids: ReadonlyArray<number>
  /** Files that have a vector of the model. */
  readonly total: number
}

/** A vector that is there now, or that is gone. */
export interface Change {
  readonly seq: number
  readonly id: number
  readonly vector?: { readonly model: string; readonly mediaId: number; readonly data: Uint8Array }
}

/** Vectors in a file of sqlite-vec's tables, one for each model and size. Synchronous: for a thread that may wait. */
export interface VectorStore {
  /** The last change that it has taken over. */
  readonly seq: () => number
  readonly clear: () => void
  readonly apply: (changes: ReadonlyArray<Change>) => void
  readonly nearest: (vector: Float32Array, model: string, limit: number) => Nearest | Candidates
  readonly close: () => void
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS state (seq INTEGER NOT NULL);
INSERT INTO state SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM state);
CREATE TABLE IF NOT EXISTS space (
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, dimensions INTEGER NOT NULL, files INTEGER, UNIQUE (model, dimensions)
);
CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, space INTEGER NOT NULL, media_id INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entry_by_media ON entry (space, media_id);
`
/** Raised with the tables: a file of another version is made anew. */
const VERSION = 2

/** Vectors from which on their signs are compared first: fewer are scanned as fast as they are. */
export const SIGNS_FROM = 200_000
/** The most that sqlite-vec gives at once. */
export const MOST = 4096
/** Candidates by their signs, for each file that is asked for. */
const CANDIDATES = 25
/** Vectors of a chunk: sqlite-vec's choice of the nearest in one takes a time that grows with its size times their number. */
const CHUNK = 64

const sqliteVec = () => import("sqlite-vec")

const opened = async (file: string): Promise<Database.Database> => {
  const { load } = await sqliteVec()
  const database = new Database(file)
  try {
    load(database)
    database.pragma("journal_mode = WAL")
    // It is made again when it is lost.
    database.pragma("synchronous = OFF")
    database.pragma("busy_timeout = 10000")
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

interface Space {
  readonly id: number
  readonly files: number | null
}

/**
 * Opens the file, or makes it. Fails where sqlite-vec isn't installed, and where the folder can't be written.
 *
 * @param signsFrom vectors from which on their signs are compared first
 */
export const open = (file: string, signsFrom: number): Effect.Effect<VectorStore, unknown> =>
  Effect.map(Effect.tryPromise({ try: () => opened(file), catch: (cause) => cause }), (database) => from(database, signsFrom))

const table = (space: number): string => `vectors_${space}`

const from = (database: Database.Database, signsFrom: number): VectorStore => {
  const tables = () =>
    database
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'")
      .pluck()
      .all()
  const clear = database.transaction(() => {
    for (const name of tables()) database.exec(`DROP TABLE ${name}`)
    database.exec("DROP TABLE IF EXISTS state; DROP TABLE IF EXISTS space; DROP TABLE IF EXISTS entry")
    database.exec(SCHEMA)
    database.pragma(`user_version = ${VERSION}`)
  })
  if (database.pragma("user_version", { simple: true }) !== VERSION) clear.immediate()

  const spaceOf = database.prepare<[string, number], Space>("SELECT id, files FROM space WHERE model = ? AND dimensions = ?")
  const made = (model: string, dimensions: number): number => {
    const known = spaceOf.get(model, dimensions)
    if (known !== undefined) return known.id
    const id = Number(
      database.prepare("INSERT INTO space (model, dimensions) VALUES (?, ?)").run(model, dimensions).lastInsertRowid
    )
    const signs = dimensions % 8 === 0 ? `, signs bit[${dimensions}]` : ""
    database.exec(
      `CREATE VIRTUAL TABLE ${table(id)} USING vec0(id INTEGER PRIMARY KEY, floats float[${dimensions}]${signs}, chunk_size=${CHUNK})`
    )
    return id
  }
  const seq = () => database.prepare<[], number>("SELECT seq FROM state").pluck().get() ?? 0
  const entryOf = database.prepare<[number], number>("SELECT space FROM entry WHERE id = ?").pluck()

  const apply = database.transaction((changes: ReadonlyArray<Change>) => {
    const before = seq()
    const remove = database.prepare("DELETE FROM entry WHERE id = ?")
    const add = database.prepare("INSERT INTO entry (id, space, media_id) VALUES (?, ?, ?)")
    const inserts = new Map<number, Database.Statement>()
    const changed = new Set<number>()
    for (const { id, seq, vector } of changes) {
      // Another process may have taken it over meanwhile.
      if (seq <= before) continue
      const old = entryOf.get(id)
      if (old !== undefined) {
        database.prepare(`DELETE FROM ${table(old)} WHERE id = ?`).run(BigInt(id))
        remove.run(id)
        changed.add(old)
      }
      if (vector === undefined) continue
      const dimensions = vector.data.length >> 2
      const space = made(vector.model, dimensions)
      const hasSigns = dimensions % 8 === 0
      const insert =
        inserts.get(space) ??
        database.prepare(
          hasSigns
            ? `INSERT INTO ${table(space)} (id, floats, signs) VALUES (?, ?, vec_quantize_binary(?))`
            : `INSERT INTO ${table(space)} (id, floats) VALUES (?, ?)`
        )
      inserts.set(space, insert)
      insert.run(BigInt(id), vector.data, ...(hasSigns ? [vector.data] : []))
      add.run(id, space, vector.mediaId)
      changed.add(space)
    }
    const last = changes.at(-1)?.seq ?? before
    database.prepare("UPDATE state SET seq = max(seq, ?)").run(last)
    const count = database.prepare(
      "UPDATE space SET files = (SELECT count(DISTINCT media_id) FROM entry WHERE space = ?) WHERE id = ?"
    )
    for (const space of changed) count.run(space, space)
  })

  const mediaOf = database.prepare<[number], number>("SELECT media_id FROM entry WHERE id = ?").pluck()
  type Hit = { readonly id: number; readonly distance: number }

  const nearest: VectorStore["nearest"] = (vector, model, limit) => {
    const space = spaceOf.get(model, vector.length)
    if (space === undefined) return { _tag: "Nearest", near: [], total: 0 }
    const floats = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
    const name = table(space.id)
    const total = space.files ?? 0
    const most = Math.min(MOST, limit)
    // One vector out of sqlite-vec's chunks takes 2 ms, one out of the library's rows a hundredth of it.
    if (total >= signsFrom && vector.length % 8 === 0)
      return {
        _tag: "Candidates",
        ids: database
          .prepare<[Buffer, number], number>(`SELECT id FROM ${name} WHERE signs MATCH vec_quantize_binary(?) AND k = ?`)
          .pluck()
          .all(floats, Math.min(MOST, most * CANDIDATES)),
        total
      }
    const hits = database
      .prepare<[Buffer, number], Hit>(`SELECT id, distance FROM ${name} WHERE floats MATCH ? AND k = ?`)
      .all(floats, most)
    const found = new Map<number, number>()
    for (const { distance, id } of hits) {
      const mediaId = mediaOf.get(id)
      // A file may have several vectors: the nearest counts, and comes first.
      if (mediaId !== undefined && !found.has(mediaId)) found.set(mediaId, distance * distance)
    }
    return { _tag: "Nearest", total, near: [...found].map(([mediaId, squared]) => ({ mediaId, squared })) }
  }

  return {
    seq,
    clear: () => clear.immediate(),
    apply: (changes) => apply.immediate(changes),
    nearest,
    close: () => database.close()
  }
}
