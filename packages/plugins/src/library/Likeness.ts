import { Column, Library, type LibraryError, type Row, type Statement, type Value } from "@mediaspool/core"
import { Effect, Option } from "effect"
import * as Search from "./Search.js"
import { SearchError } from "./SearchError.js"
import * as VectorBytes from "./VectorBytes.js"
import { VectorIndex } from "./VectorIndex.js"
import * as VectorStore from "./VectorStore.js"

/** The model under which the stage `timbre` keeps its vectors. Other measures, or another scale, are another model. */
export const TIMBRE = "timbre@1"

/** A file, and how like another it is: 1 is the same; takes of one kind of sound have about 0.6. */
export interface Near {
  readonly mediaId: number
  readonly score: number
}

const read = (sql: string, ...values: ReadonlyArray<Value>) => Effect.flatMap(Library, (library) => library.read({ sql, values }))

/** Vectors that are read at once. */
const PAGE = 5000

/** A distance of 1 in every number is what takes of one kind differ by, on either side. */
const scoreOf = (squared: number, dimensions: number): number => Math.exp(-squared / (4 * dimensions))

/** The vector of a content; `undefined` where the library has none of this model. */
export const vectorOf = (contentHash: string, model: string): Effect.Effect<Float32Array | undefined, LibraryError, Library> =>
  Effect.map(
    read(
      "SELECT data FROM vector JOIN media ON media.id = media_id WHERE content_hash = ? AND model = ? LIMIT 1",
      contentHash,
      model
    ),
    ([row]) => (row?.["data"] instanceof Uint8Array ? VectorBytes.decode(row["data"]) : undefined)
  )

/** Says which vectors there are in the place of those that are asked for; `dimensions` absent: of any size. */
const noVectors = (
  model: string,
  dimensions: number | undefined,
  hint: string
): Effect.Effect<SearchError, LibraryError, Library> =>
  Effect.map(read("SELECT DISTINCT model, dimensions FROM vector"), (rows) => {
    const sizes = rows.flatMap((row) => (row["model"] === model ? [String(row["dimensions"])] : []))
    const others = [...new Set(rows.flatMap((row) => (row["model"] === model ? [] : [String(row["model"])])))]
    const detail =
      sizes.length > 0
        ? `the library's vectors of ${model} have ${sizes.join(" or ")} numbers, not ${dimensions}: set \`dimensions\` to that, or ${hint} again`
        : `the library has no vectors of ${model}${others.length === 0 ? "" : `, only of ${others.join(" and ")}`}; ${hint}`
    return new SearchError({ code: "NoVectors", detail })
  })

/** Fails where nothing can be compared with a vector of this model and, where it is known, this size. */
export const comparable = (
  model: string,
  dimensions: number | undefined,
  hint: string
): Effect.Effect<void, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    const [any] = yield* dimensions === undefined
      ? read("SELECT 1 FROM vector WHERE model = ? LIMIT 1", model)
      : read("SELECT 1 FROM vector WHERE model = ? AND dimensions = ? LIMIT 1", model, dimensions)
    if (any === undefined) return yield* yield* noVectors(model, dimensions, hint)
  })

/** How a search by likeness differs from one by words. */
export interface Options extends Search.Options {
  /** The content itself, which is left out. */
  readonly except?: string | undefined
  /** What to do where the library has no vectors of this model. */
  readonly hint: string
}

const scored =
  (dimensions: number) =>
  ({ mediaId, squared }: VectorStore.Near): Near => ({
    mediaId,
    score: Math.round(1000 * scoreOf(squared, dimensions)) / 1000
  })

/** Candidates for each file that is asked for, where a query lets only some of them pass. */
const SPARE = 8

interface Asked {
  readonly typed: string
  readonly where: Statement
  readonly except: string
  readonly most: number
}

/** What the index gives; `None` where there is none, or where it doesn't reach as far as a query needs. */
const byIndex = (vector: Float32Array, model: string, { except, most, typed, where }: Asked) =>
  Effect.gen(function* () {
    const index = yield* VectorIndex
    const isNarrow = typed.trim() !== ""
    // One more than asked for, for the file itself.
    const wanted = (isNarrow ? SPARE * most : most) + 1
    const found = wanted > VectorStore.MOST ? Option.none() : yield* index.nearest(vector, model, wanted)
    if (Option.isNone(found)) return Option.none()
    const { near, total } = found.value
    const rows = yield* read(
      `SELECT id FROM media WHERE id IN (SELECT value FROM json_each(?)) AND content_hash <> ? AND (${where.sql})`,
      JSON.stringify(near.map(({ mediaId }) => mediaId)),
      except,
      ...where.values
    )
    const fit = new Set(rows.map((row) => Column.number(row, "id")))
    const passed = near.filter(({ mediaId }) => fit.has(mediaId))
    if (passed.length < most && near.length < total) return Option.none()
    const [counted] = yield* isNarrow
      ? read(
          `SELECT count(DISTINCT media_id) AS total FROM vector JOIN media ON media.id = media_id
           WHERE model = ? AND dimensions = ? AND content_hash <> ? AND (${where.sql})`,
          model,
          vector.length,
          except,
          ...where.values
        )
      : read(
          `SELECT ? - EXISTS (SELECT 1 FROM vector JOIN media ON media.id = media_id
             WHERE content_hash = ? AND model = ? AND dimensions = ?) AS total`,
          total,
          except,
          model,
          vector.length
        )
    return Option.some({ near: passed, total: Column.number(counted ?? {}, "total") ?? passed.length })
  })

/**
 * The files nearest to a vector, nearest first, among those that a query fits; an empty query fits all. Only vectors of the same model
 * and size are compared.
 */
export const nearest = (
  vector: Float32Array,
  model: string,
  typed: string,
  { except = "", hint, limit = 20, offset = 0, ...context }: Options
): Effect.Effect<{ readonly total: number; readonly near: ReadonlyArray<Near> }, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    if (vector.length === 0)
      return yield* new SearchError({
        code: "NothingToCompare",
        detail: "This file is silent: there is nothing to compare it by."
      })
    yield* comparable(model, vector.length, hint)
    const { where } = yield* Search.statement(typed, "media", context)
    const indexed = yield* byIndex(vector, model, { typed, where, except, most: offset + limit })
    if (Option.isSome(indexed))
      return { total: indexed.value.total, near: indexed.value.near.slice(offset, offset + limit).map(scored(vector.length)) }
    const page = (after: number) =>
      read(
        `SELECT vector.id AS id, media_id, data FROM vector JOIN media ON media.id = media_id
         WHERE vector.id > ? AND model = ? AND dimensions = ? AND content_hash <> ? AND (${where.sql}) ORDER BY vector.id LIMIT ${PAGE}`,
        after,
        model,
        vector.length,
        except,
        ...where.values
      )
    const distances = new Map<number, number>()
    const take = (row: Row) => {
      const mediaId = Column.number(row, "media_id") ?? 0
      if (!(row["data"] instanceof Uint8Array)) return
      const squared = VectorBytes.squaredDistance(vector, row["data"])
      if (squared < (distances.get(mediaId) ?? Infinity)) distances.set(mediaId, squared)
    }
    for (let rows = yield* page(0); rows.length > 0;) {
      rows.forEach(take)
      rows = rows.length < PAGE ? [] : yield* page(Column.number(rows[rows.length - 1] ?? {}, "id") ?? Infinity)
    }
    const near = [...distances].sort(([a, x], [b, y]) => x - y || a - b).slice(offset, offset + limit)
    return {
      total: distances.size,
      near: near.map(([mediaId, squared]) => ({ mediaId, squared })).map(scored(vector.length))
    }
  })

/** The files most like a vector, as a search shows them. */
export const search = (
  vector: Float32Array,
  model: string,
  typed: string,
  options: Options
): Effect.Effect<Search.Result, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    const { near, total } = yield* nearest(vector, model, typed, options)
    return { total, ranked: undefined, hints: [], found: yield* Search.present(near, typed, options) }
  })
