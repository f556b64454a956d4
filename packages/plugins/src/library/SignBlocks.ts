import type Database from "better-sqlite3"

/** Vectors of a block: a change writes a block, a search reads them all. */
const BLOCK = 1024
/** Blocks that are held while changes are taken over. */
const HELD = 128

export const SCHEMA = `
CREATE TABLE IF NOT EXISTS sign_block (
  id INTEGER PRIMARY KEY, space INTEGER NOT NULL, block INTEGER NOT NULL, words BLOB NOT NULL, UNIQUE (space, block)
);
`

/** The signs of many vectors, a bit a number, in blocks of a table. A vector is known by its place: 0, 1, 2 … within its space. */
export interface SignBlocks {
  /** @param floats as the library keeps them */
  readonly put: (space: number, place: number, floats: Uint8Array) => void
  /** Puts what is at one place at another one, too. */
  readonly copy: (space: number, dimensions: number, from: number, to: number) => void
  /** Writes what was put. */
  readonly flush: () => void
  /** The places among the first `count` whose signs differ least from a vector's, in no order. */
  readonly nearest: (space: number, vector: Float32Array, count: number, wanted: number) => ReadonlyArray<number>
}

const wordsOf = (dimensions: number): number => Math.ceil(dimensions / 32)

/** The numbers of bits in each four of a word, side by side. */
const bitsInFours = (word: number): number => {
  const pairs = word - ((word >>> 1) & 0x55555555)
  return (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
}

/** The bits in which `width` words from `at` on differ from a question's. */
const differing = (words: Uint32Array, at: number, question: Uint32Array, width: number): number => {
  let total = 0
  for (let n = 0; n < width; n++) {
    const fours = bitsInFours((words[at + n] ?? 0) ^ (question[n] ?? 0))
    const eights = (fours + (fours >>> 4)) & 0x0f0f0f0f
    total += Math.imul(eights, 0x01010101) >>> 24
  }
  return total
}

const signsOf = (vector: Float32Array): Uint32Array => {
  const words = new Uint32Array(wordsOf(vector.length))
  for (const [n, number] of vector.entries()) if (number > 0) words[n >> 5] = (words[n >> 5] ?? 0) | (1 << (n & 31))
  return words
}

/** Reads words where they lie, if they lie where words may. */
const asWords = (bytes: Uint8Array): Uint32Array =>
  bytes.byteOffset % 4 === 0
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
    : new Uint32Array(bytes.slice().buffer)

const asFloats = (bytes: Uint8Array): Float32Array =>
  bytes.byteOffset % 4 === 0
    ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
    : new Float32Array(bytes.slice().buffer)

interface Held {
  readonly space: number
  readonly block: number
  readonly words: Uint32Array
}

/** @param database has the tables of {@link SCHEMA} */
export const make = (database: Database.Database): SignBlocks => {
  const held = new Map<string, Held>()
  const one = database.prepare<[number, number], Buffer>("SELECT words FROM sign_block WHERE space = ? AND block = ?").pluck()
  const all = database.prepare<[number], Buffer>("SELECT words FROM sign_block WHERE space = ? ORDER BY block").pluck()
  const write = database.prepare(
    "INSERT INTO sign_block (space, block, words) VALUES (?, ?, ?) ON CONFLICT (space, block) DO UPDATE SET words = excluded.words"
  )

  const flush = () => {
    for (const { block, space, words } of held.values()) write.run(space, block, Buffer.from(words.buffer))
    held.clear()
  }
  const blockOf = (space: number, place: number, width: number): Uint32Array => {
    const block = Math.floor(place / BLOCK)
    const name = `${space} ${block}`
    const known = held.get(name)
    if (known !== undefined) return known.words
    if (held.size >= HELD) flush()
    const words = new Uint32Array(BLOCK * width)
    const kept = one.get(space, block)
    if (kept !== undefined) words.set(asWords(kept))
    held.set(name, { space, block, words })
    return words
  }

  return {
    put: (space, place, floats) => {
      const signs = signsOf(asFloats(floats))
      blockOf(space, place, signs.length).set(signs, (place % BLOCK) * signs.length)
    },
    copy: (space, dimensions, from, to) => {
      const width = wordsOf(dimensions)
      const at = (from % BLOCK) * width
      const signs = blockOf(space, from, width).slice(at, at + width)
      blockOf(space, to, width).set(signs, (to % BLOCK) * width)
    },
    flush,
    nearest: (space, vector, count, wanted) => {
      const question = signsOf(vector)
      const width = question.length
      const distances = new Uint16Array(count)
      const withDistance = new Uint32Array(vector.length + 1)
      let place = 0
      for (const bytes of all.iterate(space)) {
        const words = asWords(bytes)
        for (let at = 0; at < words.length && place < count; at += width) {
          const distance = differing(words, at, question, width)
          distances[place++] = distance
          withDistance[distance] = (withDistance[distance] ?? 0) + 1
        }
      }
      // The largest distance that is taken, and how many of those that have it.
      let most = 0
      let left = wanted
      while (most < vector.length && (withDistance[most] ?? 0) < left) left -= withDistance[most++] ?? 0
      const found: Array<number> = []
      for (let n = 0; n < place; n++) {
        const distance = distances[n] ?? 0
        if (distance < most || (distance === most && left-- > 0)) found.push(n)
      }
      return found
    }
  }
}
