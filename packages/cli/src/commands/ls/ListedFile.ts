import { type Database, RawPath, type Row, type Statement, type StoreError, type Value } from "@mediaspool/core"
import { Chunk, Effect, Option, Stream } from "effect"

/** How a file stands in one pipeline. */
export interface Standing {
  readonly pipeline: string
  readonly state: "done" | "failed" | "waiting"
}

export interface Obstacle {
  readonly pipeline: string
  readonly node: string
  readonly code: string
  readonly message: string
  readonly help: string
}

/** A file that is there, with what a list says of it. */
export interface ListedFile {
  readonly id: number
  /** Absolute; a RawPath. */
  readonly path: string
  /** Bytes */
  readonly size: number
  readonly contentHash: string | undefined
  readonly mediaType: string | undefined
  readonly durationSeconds: number | undefined
  /** Of the whole file, from any captioner. */
  readonly caption: string | undefined
  readonly standings: ReadonlyArray<Standing>
  readonly obstacles: ReadonlyArray<Obstacle>
}

/** Which files: all that is given must fit. */
export interface Filter {
  readonly state?: string | undefined
  readonly pipeline?: string | undefined
  /** A condition over `item LEFT JOIN media`. */
  readonly where?: Statement | undefined
  /** What to sort by, in SQL; default: the path. */
  readonly order?: string | undefined
}

const COLUMNS = `
SELECT item.id, item.path, item.size, item.content_hash, media.media_type, media.duration_seconds,
  (SELECT text FROM caption WHERE media_id = media.id ORDER BY start_seconds IS NOT NULL, id DESC LIMIT 1) AS caption,
  (SELECT json_group_array(json_object('pipeline', pipeline, 'state', state)) FROM item_state WHERE item = item.id) AS standings,
  (SELECT json_group_array(json_object('pipeline', pipeline, 'node', node, 'code', code, 'message', message, 'help', help))
    FROM failure WHERE item = item.id) AS obstacles
FROM item LEFT JOIN media ON media.content_hash = item.content_hash`

/** What fits, as a WHERE clause. */
const chosen = ({ pipeline, state, where }: Filter): Statement => {
  const all = state === undefined && pipeline === undefined ? 1 : 0
  return {
    sql: `item.gone_at = 0 AND (? OR EXISTS (
      SELECT 1 FROM item_state WHERE item = item.id AND state = coalesce(?, state) AND pipeline = coalesce(?, pipeline)
    )) AND (${where?.sql ?? "1"})`,
    values: [all, state ?? null, pipeline ?? null, ...(where?.values ?? [])]
  }
}

const optional = <A>(value: Value | undefined, is: (value: Value) => A): A | undefined =>
  value === null || value === undefined ? undefined : is(value)

const bytes = (value: Value | undefined): Uint8Array => (value instanceof Uint8Array ? value : Buffer.from(String(value)))

const listed = (row: Row): ListedFile => ({
  id: Number(row["id"]),
  path: RawPath.fromBytes(bytes(row["path"])),
  size: Number(row["size"]),
  contentHash: optional(row["content_hash"], String),
  mediaType: optional(row["media_type"], String),
  durationSeconds: optional(row["duration_seconds"], Number),
  caption: optional(row["caption"], String),
  standings: JSON.parse(String(row["standings"])),
  obstacles: JSON.parse(String(row["obstacles"]))
})

const page = 500

/** In an order of their own: their numbers at once, what is said of them a page at a time. */
const sorted = (database: Database["Type"], filter: Filter, order: string): Stream.Stream<ListedFile, StoreError> => {
  const { sql, values } = chosen(filter)
  const from = "item LEFT JOIN media ON media.content_hash = item.content_hash"
  return Stream.unwrap(
    Effect.map(
      database.reading(() => database.rows(`SELECT item.id FROM ${from} WHERE ${sql} ORDER BY ${order}`, values)),
      (rows) =>
        Stream.fromIterable(rows).pipe(
          Stream.map((row) => Number(row["id"])),
          Stream.grouped(page),
          Stream.mapEffect((ids) =>
            Effect.map(
              database.reading(() =>
                database.rows(`${COLUMNS} WHERE item.id IN (SELECT value FROM json_each(?))`, [JSON.stringify([...ids])])
              ),
              (rows) => {
                const found = new Map(rows.map((row) => [Number(row["id"]), listed(row)]))
                return [...ids].flatMap((id) => found.get(id) ?? [])
              }
            )
          ),
          Stream.flattenIterables
        )
    )
  )
}

/** The files that are there, by path unless asked otherwise, read a page at a time: nothing is held between two pages. */
export const files = (database: Database["Type"], filter: Filter = {}): Stream.Stream<ListedFile, StoreError> => {
  if (filter.order !== undefined) return sorted(database, filter, filter.order)
  const { sql, values } = chosen(filter)
  return Stream.paginateChunkEffect(Buffer.alloc(0), (after: Uint8Array) =>
    database
      .reading(() =>
        database.rows(`${COLUMNS} WHERE item.path > ? AND ${sql} ORDER BY item.path LIMIT ?`, [after, ...values, page])
      )
      .pipe(
        Effect.map((rows) => [
          Chunk.fromIterable(rows.map(listed)),
          rows.length < page ? Option.none() : Option.some(bytes(rows[rows.length - 1]?.["path"]))
        ])
      )
  )
}

/** How many files stand how: one entry a state, and `new` for those that no pipeline has settled. */
export const counts = (database: Database["Type"]): Effect.Effect<ReadonlyMap<string, number>, StoreError> =>
  database.reading(
    () =>
      new Map(
        database
          .rows(
            `SELECT coalesce(state, 'new') AS state, count(DISTINCT item.id) AS files
             FROM item LEFT JOIN item_state ON item_state.item = item.id WHERE gone_at = 0 GROUP BY 1`,
            []
          )
          .map((row) => [String(row["state"]), Number(row["files"])])
      )
  )
