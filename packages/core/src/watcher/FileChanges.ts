import { watch } from "chokidar"
import { Effect, Stream } from "effect"

/** Tells when one of a few files (a config and what it names) is written, replaced or removed. Absolute paths. */
export const of = (paths: ReadonlyArray<string>): Stream.Stream<string> =>
  Stream.asyncPush<string>((emit) =>
    Effect.acquireRelease(
      Effect.sync(() =>
        watch([...paths], { ignoreInitial: true, atomic: true }).on("all", (_event, path) => void emit.single(path))
      ),
      (watcher) => Effect.promise(() => watcher.close())
    )
  )
