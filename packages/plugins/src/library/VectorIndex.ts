import { Column, Library, LibraryError, type Row } from "@mediaspool/core"
import { Context, Effect, Layer, Option, type Scope } from "effect"
import * as VectorBytes from "./VectorBytes.js"
import * as VectorStore from "./VectorStore.js"

export interface Service {
  /** The nearest of a model's vectors; `None` where there is no index, and every vector has to be read. */
  readonly nearest: (
    vector: Float32Array,
    model: string,
    limit: number
  ) => Effect.Effect<Option.Option<VectorStore.Nearest>, LibraryError, Library>
}

/** Changes that are taken over at once. */
const PAGE = 5000

const CHANGES = `SELECT seq, vector_id, media_id, model, dimensions, data FROM vector_log LEFT JOIN vector ON vector.id = vector_id
  WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`

const changeOf = (row: Row): VectorStore.Change => {
  const { data } = row
  const [model, mediaId] = [Column.text(row, "model"), Column.number(row, "media_id")]
  return {
    seq: Column.number(row, "seq") ?? 0,
    id: Column.number(row, "vector_id") ?? 0,
    ...(data instanceof Uint8Array && model !== undefined && mediaId !== undefined ? { vector: { model, mediaId, data } } : {})
  }
}

const broken = (cause: unknown) =>
  new LibraryError({ code: "LibraryNotWritten", detail: `the index of vectors: ${String(cause)}` })

/** Takes over what changed in the library since the last time. */
const follow = (store: VectorStore.VectorStore): Effect.Effect<void, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const [last] = yield* library.read({ sql: "SELECT max(seq) AS seq FROM vector_log", values: [] })
    // A library that is older than its index is another one: a backup was put in its place.
    if ((Column.number(last ?? {}, "seq") ?? 0) < store.seq()) store.clear()
    for (;;) {
      const rows = yield* library.read({ sql: CHANGES, values: [store.seq()] })
      if (rows.length > 0) yield* Effect.try({ try: () => store.apply(rows.map(changeOf)), catch: broken })
      if (rows.length < PAGE) return
    }
  })

const CANDIDATES = `SELECT media_id, data FROM json_each(?) AS asked CROSS JOIN vector ON vector.id = asked.value
  WHERE dimensions = ?`

/** The nearest among candidates, by their numbers. */
const nearestOf = (
  vector: Float32Array,
  { ids, total }: VectorStore.Candidates,
  limit: number
): Effect.Effect<VectorStore.Nearest, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const rows = yield* library.read({ sql: CANDIDATES, values: [JSON.stringify(ids), vector.length] })
    const distances = new Map<number, number>()
    for (const { data, media_id: mediaId } of rows) {
      if (typeof mediaId !== "number" || !(data instanceof Uint8Array)) continue
      const squared = VectorBytes.squaredDistance(vector, data)
      // A file may have several vectors: the nearest counts.
      if (squared < (distances.get(mediaId) ?? Infinity)) distances.set(mediaId, squared)
    }
    const near = [...distances].map(([mediaId, squared]) => ({ mediaId, squared }))
    near.sort((a, b) => a.squared - b.squared || a.mediaId - b.mediaId)
    return { _tag: "Nearest", near: near.slice(0, limit), total }
  })

const make = (file: string, signsFrom: number): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function* () {
    const store = yield* Effect.option(
      Effect.acquireRelease(VectorStore.open(file, signsFrom), ({ close }) => Effect.sync(close))
    )
    return {
      nearest: (vector, model, limit) =>
        Option.match(store, {
          onNone: () => Effect.succeedNone,
          onSome: (store) =>
            Effect.zipRight(follow(store), Effect.try({ try: () => store.nearest(vector, model, limit), catch: broken })).pipe(
              Effect.flatMap((found) => (found._tag === "Nearest" ? Effect.succeed(found) : nearestOf(vector, found, limit))),
              // It can be made again: whatever is wrong with it, the vectors themselves are read instead.
              Effect.option
            )
        })
    }
  })

/** The index of the library's vectors, a file beside it that is made again when it is gone. Without one every vector is read. */
export class VectorIndex extends Context.Reference<VectorIndex>()("@mediaspool/plugins/VectorIndex", {
  defaultValue: (): Service => ({ nearest: () => Effect.succeedNone })
}) {
  /** @param file absolute path: `.spool/vectors.db` */
  static readonly layer = (file: string, signsFrom = VectorStore.SIGNS_FROM): Layer.Layer<VectorIndex> =>
    Layer.scoped(VectorIndex, make(file, signsFrom))
}
