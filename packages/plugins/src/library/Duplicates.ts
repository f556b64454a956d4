import { Column, Library, type LibraryError, type Row, type Value } from "@mediaspool/core"
import { Array as Arr, DateTime, Effect } from "effect"
import { type Mark, markOf } from "./DuplicateMarks.js"
import * as NearSounds from "./NearSounds.js"
import type { ComparedSound } from "./ComparedSound.js"

/** How two files are the same: their bytes, their samples or packets, or their sound through another codec, at another level or trimmed. */
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

/** Sets that grow together. */
class Sets {
  readonly #parents = new Map<number, number>()

  of(id: number): number {
    let root = id
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) root = parent
    // The way is shorter for whoever comes next.
    for (let at = id; at !== root;) {
      const next = this.#parents.get(at) ?? root
      this.#parents.set(at, root)
      at = next
    }
    return root
  }

  join(a: number, b: number): void {
    const [x, y] = [this.of(a), this.of(b)]
    if (x !== y) this.#parents.set(Math.max(x, y), Math.min(x, y))
  }
}

/** Each sound with the next that has the same hash. */
const equal = (prints: ReadonlyArray<ComparedSound>, hashOf: (print: ComparedSound) => string | undefined) => {
  const last = new Map<string, number>()
  return prints.flatMap((print) => {
    const hash = hashOf(print)
    if (hash === undefined) return []
    const before = last.get(hash)
    last.set(hash, print.mediaId)
    return before === undefined ? [] : [[before, print.mediaId, "audio"] as const]
  })
}

/** Pairs that are the same sound. Of many that are equal each is paired with the next. */
export const pairs = (prints: ReadonlyArray<ComparedSound>): ReadonlyArray<readonly [a: number, b: number, how: How]> => {
  const same = [...equal(prints, ({ audioHash }) => audioHash), ...equal(prints, ({ packetHash }) => packetHash)]
  const sets = new Sets()
  for (const [a, b] of same) sets.join(a, b)
  // Equal sounds are near whatever one of them is near to.
  const first = prints.filter(({ mediaId }) => sets.of(mediaId) === mediaId)
  return [...same, ...NearSounds.pairs(first).map(([a, b]) => [a.mediaId, b.mediaId, "near"] as const)]
}

const read = (sql: string, ...values: ReadonlyArray<Value>) => Effect.flatMap(Library, (library) => library.read({ sql, values }))

/** Words as they stand in memory here. */
const wordsOf = (bytes: Buffer): Uint32Array => {
  const words = new Uint32Array(bytes.length >> 2)
  for (let n = 0; n < words.length; n++) words[n] = bytes.readUInt32BE(4 * n)
  return words
}

const printOf = (row: Row): ComparedSound => {
  const bytes = Buffer.from(Column.text(row, "words") ?? "", "base64")
  const timbre: unknown = JSON.parse(Column.text(row, "timbre") ?? "[]")
  return {
    mediaId: Column.number(row, "media_id") ?? 0,
    audioHash: Column.text(row, "hash") ?? "",
    packetHash: Column.text(row, "packets"),
    words: wordsOf(bytes),
    timbre: Array.isArray(timbre) ? timbre.filter((value) => typeof value === "number") : [],
    seconds: Column.number(row, "seconds") ?? 0
  }
}

/** Fingerprints that are read at once. */
const PAGE = 5000
const PRINTS = `SELECT media_id, json_extract(json, '$.audioHash') AS hash, json_extract(json, '$.packetHash') AS packets,
    json_extract(json, '$.words') AS words, json_extract(json, '$.timbre') AS timbre,
    json_extract(json, '$.durationSeconds') AS seconds
  FROM result JOIN media ON media.id = media_id WHERE media_id > ? AND kind = 'Fingerprint' AND missing = 0
  GROUP BY media_id ORDER BY media_id LIMIT ${PAGE}`
const PLACES = `SELECT media.id AS id, item.path AS path, mark FROM item JOIN media USING (content_hash)
  LEFT JOIN duplicate_mark ON duplicate_mark.item = item.id AND duplicate_mark.content_hash = item.content_hash
  WHERE gone_at = 0 ORDER BY item.id`

const readPrints: Effect.Effect<ReadonlyArray<ComparedSound>, LibraryError, Library> = Effect.gen(function* () {
  const found: Array<ComparedSound> = []
  for (;;) {
    const rows = yield* read(PRINTS, found.at(-1)?.mediaId ?? 0)
    for (const row of rows) found.push(printOf(row))
    if (rows.length < PAGE) return found
  }
})

/**
 * Files that are the same, largest groups first: equal content, equal samples or packets in other containers or with other tags, and the same
 * sound through another codec, at another level or trimmed. Nothing is deleted; what is found is kept for `dup:`.
 *
 * @returns also how many files have a fingerprint: without one only equal content is found
 */
export const find: Effect.Effect<{ readonly groups: ReadonlyArray<Group>; readonly prints: number }, LibraryError, Library> =
  Effect.gen(function* () {
    const prints = yield* readPrints
    const places = Arr.groupBy(yield* read(PLACES), (row) => String(row["id"]))
    const sets = new Sets()
    // Silence has no sound to be known by: only equal samples count.
    const found = pairs(prints)
    for (const [a, b] of found) sets.join(a, b)
    const near = new Set(found.filter(([, , how]) => how === "near").map(([a]) => sets.of(a)))
    const ids = new Map<number, Array<number>>()
    for (const id of Object.keys(places).map(Number)) {
      const group = ids.get(sets.of(id)) ?? []
      group.push(id)
      ids.set(sets.of(id), group)
    }
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
