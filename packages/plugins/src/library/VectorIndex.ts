import { Column, Library, type LibraryError, type Row } from "@mediaspool/core"
import { Context, Effect, Layer, Option, type Scope } from "effect"
import * as VectorBytes from "./VectorBytes.js"
import * as VectorStore from "./VectorStore.js"
import * as VectorStoreClient from "./VectorStoreClient.js"

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

/** Takes over what changed in the library since the last time. */
const follow = (store: VectorStoreClient.VectorStoreClient): Effect.Effect<void, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const [last] = yield* library.read({ sql: "SELECT max(seq) AS seq FROM vector_log", values: [] })
    // A library that is older than its index is another one: a backup was put in its place.
    if ((Column.number(last ?? {}, "seq") ?? 0) < (yield* store.seq)) yield* store.clear
    for (;;) {
      const rows = yield* library.read({ sql: CHANGES, values: [yield* store.seq] })
      if (rows.length > 0) yield* store.apply(rows.map(changeOf))
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

type Open = Effect.Effect<VectorStoreClient.VectorStoreClient, unknown, Scope.Scope>

/** The file in this thread. */
const here = (file: string, signsFrom: number): Open =>
  Effect.map(
    Effect.acquireRelease(
      Effect.tryPromise({ try: () => VectorStore.open(file, signsFrom), catch: (cause) => cause }),
      ({ close }) => Effect.sync(close)
    ),
    (store) => ({
      seq: Effect.try({ try: store.seq, catch: VectorStoreClient.broken }),
      clear: Effect.try({ try: store.clear, catch: VectorStoreClient.broken }),
      apply: (changes) => Effect.try({ try: () => store.apply(changes), catch: VectorStoreClient.broken }),
      nearest: (vector, model, limit) =>
        Effect.try({ try: () => store.nearest(vector, model, limit), catch: VectorStoreClient.broken })
    })
  )

const make = (open: Open): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.map(Effect.option(open), (store) => ({
    nearest: (vector, model, limit) =>
      Option.match(store, {
        onNone: () => Effect.succeedNone,
        onSome: (store) =>
          Effect.zipRight(follow(store), store.nearest(vector, model, limit)).pipe(
            Effect.flatMap((found) => (found._tag === "Nearest" ? Effect.succeed(found) : nearestOf(vector, found, limit))),
            // It can be made again: whatever is wrong with it, the vectors themselves are read instead.
            Effect.option
          )
      })
  }))

/** The index of the library's vectors, a file beside it that is made again when it is gone. Without one every vector is read. */
export class VectorIndex extends Context.Reference<VectorIndex>()("@mediaspool/plugins/VectorIndex", {
  defaultValue: (): Service => ({ nearest: () => Effect.succeedNone })
}) {
  /** @param file absolute path: `.spool/vectors.db` */
  static readonly layer = (file: string, signsFrom = VectorStore.SIGNS_FROM): Layer.Layer<VectorIndex> =>
    Layer.scoped(VectorIndex, make(here(file, signsFrom)))

  /** The same in a thread of its own, which holds the caller up by nothing: for programs that answer others meanwhile. */
  static readonly inThread = (file: string, signsFrom = VectorStore.SIGNS_FROM): Effect.Effect<Service, never, Scope.Scope> =>
    make(VectorStoreClient.make(file, signsFrom))
}
