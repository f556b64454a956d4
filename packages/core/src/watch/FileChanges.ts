import { Effect, Stream } from "effect"

/** Tells when one of a few files (a config and what it names) is written, replaced or removed. Absolute paths. */
export const of = (paths: ReadonlyArray<string>): Stream.Stream<string> =>
  Stream.asyncPush<string>((emit) =>
    Effect.acquireRelease(
      // Loaded only by who watches.
      Effect.map(
        Effect.promise(() => import("chokidar")),
        ({ watch }) =>
          watch([...paths], { ignoreInitial: true, atomic: true }).on("all", (_event, path) => void emit.single(path))
      ),
      (watcher) => Effect.promise(() => watcher.close())
    )
  )
