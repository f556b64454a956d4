import { Column, Library, type LibraryError, RawPath, type Row, type Value } from "@mediaspool/core"
import { Chunk, Effect, Option, Stream } from "effect"

/** Everything that the library has of a file: its row, and under it the rows of the other tables. Names as in the tables. */
export interface MediaEntry {
  readonly id: number
  readonly contentHash: string
  /** Absolute; a RawPath. */
  readonly path: string
  /** Whether no file with this content is there any more. */
  readonly missing: boolean
  /** All other columns of `media` that have a value. */
  readonly media: Readonly<{ [column: string]: string | number }>
  /** Other places where the same content is. */
  readonly copies: ReadonlyArray<string>
  readonly captions: ReadonlyArray<Fields>
  readonly tags: ReadonlyArray<Fields>
  /** Of each node the kind, and the value as it is in JSON. */
  readonly results: ReadonlyArray<{
    readonly pipeline: string
    readonly node: string
    readonly kind: string
    readonly value: unknown
  }>
}

/** Columns that have a value. */
export type Fields = Readonly<{ [column: string]: unknown }>

const read = (sql: string, ...values: ReadonlyArray<Value>) => Effect.flatMap(Library, (library) => library.read({ sql, values }))

/** Columns that hold JSON. */
const json = new Set(["omitted", "changes"])

const fields = (row: Row, except: ReadonlyArray<string>): Fields =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([name, value]) => value !== null && !except.includes(name))
      .map(([name, value]) => [name, typeof value === "string" && json.has(name) ? JSON.parse(value) : value])
  )

const complete = (row: Row): Effect.Effect<MediaEntry, LibraryError, Library> =>
  Effect.gen(function* () {
    const id = Column.number(row, "id") ?? 0
    const contentHash = Column.text(row, "content_hash") ?? ""
    const path = Column.path(row, "raw_path")
    const order = "ORDER BY pipeline, node, start_seconds IS NOT NULL, start_seconds, id"
    const captions = yield* read(`SELECT * FROM caption WHERE media_id = ? ${order}`, id)
    const tags = yield* read(`SELECT * FROM tag WHERE media_id = ? ${order}`, id)
    const results = yield* read("SELECT pipeline, node, kind, json FROM result WHERE media_id = ?", id)
    const places = yield* read("SELECT path FROM item WHERE content_hash = ? AND gone_at = 0 ORDER BY id", contentHash)
    return {
      id,
      contentHash,
      path,
      missing: Column.number(row, "missing") === 1,
      media: Object.fromEntries(
        Object.entries(row).filter(
          (entry): entry is [string, string | number] =>
            (typeof entry[1] === "string" || typeof entry[1] === "number") &&
            !["id", "content_hash", "path", "missing"].includes(entry[0])
        )
      ),
      copies: places.map((place) => Column.path(place, "path")).filter((place) => place !== path),
      captions: captions.map((row) => fields(row, ["media_id"])),
      tags: tags.map((row) => fields(row, ["media_id"])),
      results: results.map((row) => ({
        pipeline: Column.text(row, "pipeline") ?? "",
        node: Column.text(row, "node") ?? "",
        kind: Column.text(row, "kind") ?? "",
        value: JSON.parse(Column.text(row, "json") ?? "null")
      }))
    }
  })

const MEDIA = "SELECT *, CAST(path AS BLOB) AS raw_path FROM media"

/**
 * The files that somebody means: by the row's id, by the beginning of the content hash (8 letters or more), by the absolute path,
 * or by the end of a path (`rain.wav`, `inbox/rain.wav`). More than one where that isn't clear.
 */
export const find = (selector: string, limit = 10): Effect.Effect<ReadonlyArray<MediaEntry>, LibraryError, Library> =>
  Effect.gen(function* () {
    const bytes = RawPath.toBytes(selector)
    const ending = Buffer.concat([Buffer.from("/"), bytes])
    const ways: ReadonlyArray<readonly [string, ReadonlyArray<Value>]> = [
      ...(/^\d{1,15}$/.test(selector) ? [["id = ?", [Number(selector)]] as const] : []),
      ...(/^[0-9a-f]{8,64}$/.test(selector) ? [["content_hash BETWEEN ? AND ?", [selector, `${selector}g`]] as const] : []),
      [
        "CAST(path AS BLOB) = ? OR content_hash IN (SELECT content_hash FROM item WHERE path = ? AND gone_at = 0)",
        [bytes, bytes]
      ],
      ["substr(CAST(path AS BLOB), -?) = ?", [ending.length, ending]]
    ]
    for (const [where, values] of ways) {
      const rows = yield* read(`${MEDIA} WHERE ${where} ORDER BY media.path LIMIT ?`, ...values, limit)
      if (rows.length > 0) return yield* Effect.forEach(rows, complete)
    }
    return []
  })

const PAGE = 200

/** The whole library, a file at a time, by id; a page is read when it is needed. */
export const all: Stream.Stream<MediaEntry, LibraryError, Library> = Stream.paginateChunkEffect(0, (after) =>
  Effect.gen(function* () {
    const rows = yield* read(`${MEDIA} WHERE id > ? ORDER BY id LIMIT ?`, after, PAGE)
    const entries = yield* Effect.forEach(rows, complete)
    const last = entries[entries.length - 1]
    return [Chunk.fromIterable(entries), rows.length < PAGE || last === undefined ? Option.none() : Option.some(last.id)]
  })
)
