import { Column, Library, type LibraryError, type Row } from "@mediaspool/core"
import { Array as Arr, DateTime, Effect } from "effect"
import { type Mark, markOf } from "./DuplicateMarks.js"

/** How two files are the same: their bytes, their samples, or their sound through another codec, at another level or trimmed. */
export type How = "content" | "audio" | "near"

/** Files that are the same. */
export interface Group {
  /** The loosest way in which two of them are. */
  readonly how: How
  /** Absolute; RawPaths. */
  readonly paths: ReadonlyArray<string>
  readonly mediaIds: ReadonlyArray<number>
  /** By path: what a person decided about the file. */
  readonly marks: ReadonlyArray<Mark | null>
}

/** A sound as it is compared. */
export interface Print {
  readonly mediaId: number
  readonly audioHash: string
  readonly words: Uint32Array
  readonly timbre: ReadonlyArray<number>
  readonly seconds: number
}

/** Seconds that may be cut off a sound, at either end. */
const TRIM = 2.5
/** Seconds between two words. */
const HOP = 0.046
/** Share of bits that may differ, for many windows and for few: of unrelated sounds half do. */
const MANY = { words: 20, differing: 0.3 }
const FEW = { words: 8, differing: 0.22 }
/** Mean squared distance of timbres up to which two may be one sound: takes of a kind have about 2. */
const TIMBRE = 3

const ones = (word: number): number => {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** The share of bits that differ where `b` begins `offset` words after `a`, and over how many words that sound. */
const differing = (a: Uint32Array, b: Uint32Array, offset: number): { readonly words: number; readonly share: number } => {
  let [words, bits] = [0, 0]
  const to = Math.min(a.length, b.length + offset)
  for (let n = Math.max(0, offset); n < to; n++) {
    const [x, y] = [a[n] ?? 0, b[n - offset] ?? 0]
    if (x === 0 && y === 0) continue
    words++
    bits += ones((x ^ y) >>> 0)
  }
  return { words, share: words === 0 ? 1 : bits / (32 * words) }
}

const timbreDistance = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.length === 0 || a.length !== b.length ? Infinity : a.reduce((sum, value, n) => sum + (value - (b[n] ?? 0)) ** 2, 0) / a.length

/** Whether two sounds are one, by fingerprint, timbre and length. */
export const isNear = (a: Print, b: Print): boolean => {
  if (Math.abs(a.seconds - b.seconds) > TRIM || Math.min(a.seconds, b.seconds) < 0.5 * Math.max(a.seconds, b.seconds))
    return false
  if (timbreDistance(a.timbre, b.timbre) > TIMBRE) return false
  const reach = Math.ceil(TRIM / HOP)
  const shorter = Math.min(a.words.length, b.words.length)
  for (let offset = -reach; offset <= reach; offset++) {
    const { share, words } = differing(a.words, b.words, offset)
    if (words < 0.6 * shorter) continue
    if ((words >= MANY.words && share <= MANY.differing) || (words >= FEW.words && share <= FEW.differing)) return true
  }
  return false
}

/** Sets that grow together. */
class Sets {
  readonly #parents = new Map<number, number>()

  of(id: number): number {
    const parent = this.#parents.get(id) ?? id
    return parent === id ? id : this.of(parent)
  }

  join(a: number, b: number): void {
    const [x, y] = [this.of(a), this.of(b)]
    if (x !== y) this.#parents.set(Math.max(x, y), Math.min(x, y))
  }
}

/** Pairs that are the same sound; each file is held against those of about its length. */
export const pairs = (prints: ReadonlyArray<Print>): ReadonlyArray<readonly [a: number, b: number, how: How]> => {
  const sorted = [...prints].sort((a, b) => a.seconds - b.seconds || a.mediaId - b.mediaId)
  return sorted.flatMap((a, n) => {
    const found: Array<readonly [number, number, How]> = []
    for (const b of sorted.slice(n + 1)) {
      if (b.seconds - a.seconds > TRIM) break
      if (a.audioHash === b.audioHash) found.push([a.mediaId, b.mediaId, "audio"])
      else if (isNear(a, b)) found.push([a.mediaId, b.mediaId, "near"])
    }
    return found
  })
}

const read = (sql: string) => Effect.flatMap(Library, (library) => library.read({ sql, values: [] }))

const printOf = (row: Row): Print => {
  const bytes = Buffer.from(Column.text(row, "words") ?? "", "base64")
  const timbre: unknown = JSON.parse(Column.text(row, "timbre") ?? "[]")
  return {
    mediaId: Column.number(row, "media_id") ?? 0,
    audioHash: Column.text(row, "hash") ?? "",
    words: Uint32Array.from({ length: bytes.length >> 2 }, (_, n) => bytes.readUInt32BE(4 * n)),
    timbre: Array.isArray(timbre) ? timbre.filter((value) => typeof value === "number") : [],
    seconds: Column.number(row, "seconds") ?? 0
  }
}

const PRINTS = `SELECT media_id, json_extract(json, '$.audioHash') AS hash, json_extract(json, '$.words') AS words,
    json_extract(json, '$.timbre') AS timbre, json_extract(json, '$.durationSeconds') AS seconds
  FROM result JOIN media ON media.id = media_id WHERE kind = 'Fingerprint' AND missing = 0 GROUP BY media_id`
const PLACES = `SELECT media.id AS id, item.path AS path, mark FROM item JOIN media USING (content_hash)
  LEFT JOIN duplicate_mark ON duplicate_mark.item = item.id AND duplicate_mark.content_hash = item.content_hash
  WHERE gone_at = 0 ORDER BY item.id`

/**
 * Files that are the same, largest groups first: equal content, equal samples in other containers or with other tags, and the same
 * sound through another codec, at another level or trimmed. Nothing is deleted; what is found is kept for `dup:`.
 *
 * @returns also how many files have a fingerprint: without one only equal content is found
 */
export const find: Effect.Effect<{ readonly groups: ReadonlyArray<Group>; readonly prints: number }, LibraryError, Library> =
  Effect.gen(function* () {
    const prints = (yield* read(PRINTS)).map(printOf)
    const places = Arr.groupBy(yield* read(PLACES), (row) => String(row["id"]))
    const sets = new Sets()
    // Silence has no sound to be known by: only equal samples count.
    const found = pairs(prints)
    for (const [a, b] of found) sets.join(a, b)
    const near = new Set(found.filter(([, , how]) => how === "near").map(([a]) => sets.of(a)))
    const ids = new Map<number, Array<number>>()
    for (const id of Object.keys(places).map(Number)) ids.set(sets.of(id), [...(ids.get(sets.of(id)) ?? []), id])
    const groups = [...ids].flatMap(([root, mediaIds]): ReadonlyArray<Group> => {
      const files = mediaIds
        .flatMap((id) => (places[id] ?? []).map((row) => ({ path: Column.path(row, "path"), mark: markOf(row) })))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
      const how = mediaIds.length === 1 ? "content" : near.has(root) ? "near" : "audio"
      return files.length < 2
        ? []
        : [{ how, paths: files.map(({ path }) => path), mediaIds, marks: files.map(({ mark }) => mark) }]
    })
    const library = yield* Library
    const foundAt = DateTime.formatIso(yield* DateTime.now)
    yield* library.write([
      { sql: "DELETE FROM duplicate", values: [] },
      {
        sql: `INSERT INTO duplicate (media_id, group_id, how, found_at)
          SELECT json_extract(value, '$.id'), json_extract(value, '$.group'), json_extract(value, '$.how'), ? FROM json_each(?)
          WHERE json_extract(value, '$.id') IN (SELECT id FROM media)`,
        values: [
          foundAt,
          JSON.stringify(
            groups.flatMap(({ how, mediaIds }) =>
              how === "content" ? [] : mediaIds.map((id) => ({ id, group: Math.min(...mediaIds), how }))
            )
          )
        ]
      }
    ])
    return {
      groups: groups.sort((a, b) => b.paths.length - a.paths.length || ((a.paths[0] ?? "") < (b.paths[0] ?? "") ? -1 : 1)),
      prints: prints.length
    }
  })
