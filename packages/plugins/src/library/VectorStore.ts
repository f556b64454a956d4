import Database from "better-sqlite3"
import * as SignBlocks from "./SignBlocks.js"

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
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, dimensions INTEGER NOT NULL,
  vectors INTEGER NOT NULL DEFAULT 0, files INTEGER NOT NULL DEFAULT 0, has_floats INTEGER NOT NULL DEFAULT 1,
  UNIQUE (model, dimensions)
);
CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, space INTEGER NOT NULL, media_id INTEGER NOT NULL, place INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entry_by_media ON entry (space, media_id);
CREATE UNIQUE INDEX IF NOT EXISTS entry_by_place ON entry (space, place);
${SignBlocks.SCHEMA}`
/** Raised with the tables: a file of another version is made anew. */
const VERSION = 4

/**
 * Vectors from which on their signs are compared first, and their numbers are kept by the library alone: fewer are scanned as fast as
 * they are.
 */
export const SIGNS_FROM = 200_000
/** The most that sqlite-vec gives at once. */
export const MOST = 4096
/** Candidates by their signs: so many at least, and for each file that is asked for. */
const CANDIDATES = { least: 800, each: 5 }
/** Vectors of a chunk: sqlite-vec's choice of the nearest in one takes a time that grows with its size times their number. */
const CHUNK = 64
/** Bytes of a page: signs are read twice as fast as from pages of 4096. */
const PAGE_SIZE = 32_768

const sqliteVec = () => import("sqlite-vec")

const opened = async (file: string): Promise<Database.Database> => {
  const { load } = await sqliteVec()
  const database = new Database(file)
  try {
    load(database)
    database.pragma(`page_size = ${PAGE_SIZE}`)
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
  readonly dimensions: number
  readonly vectors: number
  readonly files: number
  /** 0 once there were so many that their signs are compared. */
  readonly hasFloats: 0 | 1
}

interface Entry {
  readonly space: number
  readonly mediaId: number
  readonly place: number
}

/**
 * Opens the file, or makes it. Fails where sqlite-vec isn't installed, and where the folder can't be written.
 *
 * @param signsFrom vectors from which on their signs are compared first
 */
export const open = async (file: string, signsFrom: number): Promise<VectorStore> => from(await opened(file), signsFrom)

const SPACE = "SELECT id, dimensions, vectors, files, has_floats AS hasFloats FROM space"

const table = (space: number): string => `vectors_${space}`

const from = (database: Database.Database, signsFrom: number): VectorStore => {
  const tables = () =>
    database
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'")
      .pluck()
      .all()
  const clear = database.transaction(() => {
    for (const name of tables()) database.exec(`DROP TABLE ${name}`)
    database.exec(
      "DROP TABLE IF EXISTS state; DROP TABLE IF EXISTS space; DROP TABLE IF EXISTS entry; DROP TABLE IF EXISTS sign_block"
    )
    database.exec(SCHEMA)
    database.pragma(`user_version = ${VERSION}`)
  })
  /** Gives the room back that nothing stands in. */
  const shrink = () => {
    try {
      database.exec("VACUUM")
    } catch {
      // Another process reads the file: the room is used again instead.
    }
  }
  if (database.pragma("user_version", { simple: true }) !== VERSION) {
    clear.immediate()
    shrink()
  }

  const grown = database.prepare<[number], number>("SELECT id FROM space WHERE has_floats = 1 AND vectors >= ?").pluck()
  /** Drops the numbers that nobody reads here; whether there were any. */
  const dropFloats = (): boolean => {
    const spaces = grown.all(signsFrom)
    for (const space of spaces) {
      database.exec(`DROP TABLE ${table(space)}`)
      database.prepare("UPDATE space SET has_floats = 0 WHERE id = ?").run(space)
    }
    return spaces.length > 0
  }
  // The file may be of a time when more were scanned.
  if (grown.get(signsFrom) !== undefined) {
    database.transaction(dropFloats).immediate()
    shrink()
  }

  const signs = SignBlocks.make(database)
  const spaceOf = database.prepare<[string, number], Space>(`${SPACE} WHERE model = ? AND dimensions = ?`)
  const made = (model: string, dimensions: number): number => {
    const known = spaceOf.get(model, dimensions)
    if (known !== undefined) return known.id
    const id = Number(
      database.prepare("INSERT INTO space (model, dimensions) VALUES (?, ?)").run(model, dimensions).lastInsertRowid
    )
    database.exec(
      `CREATE VIRTUAL TABLE ${table(id)} USING vec0(id INTEGER PRIMARY KEY, floats float[${dimensions}], chunk_size=${CHUNK})`
    )
    return id
  }
  const seq = () => database.prepare<[], number>("SELECT seq FROM state").pluck().get() ?? 0

  const writer = () => {
    const entryOf = database.prepare<[number], Entry>("SELECT space, media_id AS mediaId, place FROM entry WHERE id = ?")
    const spaceById = database.prepare<[number], Space>(`${SPACE} WHERE id = ?`)
    const hasMedia = database.prepare<[number, number], number>("SELECT 1 FROM entry WHERE space = ? AND media_id = ? LIMIT 1")
    const count = database.prepare("UPDATE space SET vectors = vectors + ?, files = files + ? WHERE id = ?")
    const removeEntry = database.prepare("DELETE FROM entry WHERE id = ?")
    const movePlace = database.prepare("UPDATE entry SET place = ? WHERE space = ? AND place = ?")
    const addEntry = database.prepare("INSERT INTO entry (id, space, media_id, place) VALUES (?, ?, ?, ?)")
    const inserts = new Map<number, Database.Statement>()

    const remove = (id: number) => {
      const entry = entryOf.get(id)
      const space = entry === undefined ? undefined : spaceById.get(entry.space)
      if (entry === undefined || space === undefined) return
      if (space.hasFloats === 1) database.prepare(`DELETE FROM ${table(space.id)} WHERE id = ?`).run(BigInt(id))
      removeEntry.run(id)
      // The last one takes its place: there are no gaps.
      const last = space.vectors - 1
      if (last !== entry.place) {
        signs.copy(space.id, space.dimensions, last, entry.place)
        movePlace.run(entry.place, space.id, last)
      }
      count.run(-1, hasMedia.get(space.id, entry.mediaId) === undefined ? -1 : 0, space.id)
    }
    const add = (id: number, { data, mediaId, model }: NonNullable<Change["vector"]>) => {
      const space = made(model, data.length >> 2)
      const { hasFloats = 1, vectors: place = 0 } = spaceById.get(space) ?? {}
      if (hasFloats === 1) {
        const insert = inserts.get(space) ?? database.prepare(`INSERT INTO ${table(space)} (id, floats) VALUES (?, ?)`)
        inserts.set(space, insert)
        insert.run(BigInt(id), data)
      }
      signs.put(space, place, data)
      count.run(1, hasMedia.get(space, mediaId) === undefined ? 1 : 0, space)
      addEntry.run(id, space, mediaId, place)
    }
    return { remove, add }
  }

  const apply = database.transaction((changes: ReadonlyArray<Change>) => {
    const before = seq()
    const { add, remove } = writer()
    for (const { id, seq, vector } of changes) {
      // Another process may have taken it over meanwhile.
      if (seq <= before) continue
      remove(id)
      if (vector !== undefined) add(id, vector)
    }
    signs.flush()
    database.prepare("UPDATE state SET seq = max(seq, ?)").run(changes.at(-1)?.seq ?? before)
    return dropFloats()
  })

  const mediaOf = database.prepare<[number], number>("SELECT media_id FROM entry WHERE id = ?").pluck()
  const idsAt = database
    .prepare<[string, number], number>(
      "SELECT entry.id FROM json_each(?) AS asked CROSS JOIN entry ON entry.place = asked.value AND entry.space = ?"
    )
    .pluck()
  type Hit = { readonly id: number; readonly distance: number }

  const nearest: VectorStore["nearest"] = (vector, model, limit) => {
    const space = spaceOf.get(model, vector.length)
    if (space === undefined) return { _tag: "Nearest", near: [], total: 0 }
    const floats = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
    const name = table(space.id)
    const most = Math.min(MOST, limit)
    // One vector out of sqlite-vec's chunks takes 2 ms, one out of the library's rows a hundredth of it.
    if (space.hasFloats === 0 || space.vectors >= signsFrom) {
      const wanted = Math.max(CANDIDATES.least, CANDIDATES.each * most)
      const places = signs.nearest(space.id, vector, space.vectors, wanted)
      return { _tag: "Candidates", ids: idsAt.all(JSON.stringify(places), space.id), total: space.files }
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
    return { _tag: "Nearest", total: space.files, near: [...found].map(([mediaId, squared]) => ({ mediaId, squared })) }
  }

  return {
    seq,
    clear: () => clear.immediate(),
    apply: (changes) => {
      if (apply.immediate(changes)) shrink()
    },
    nearest,
    close: () => database.close()
  }
}
