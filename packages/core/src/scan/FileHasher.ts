import { Effect, Either, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import * as ThreadClient from "../stage/ThreadClient.js"
import type { FileStat } from "../store/FileStat.js"
import * as ContentHash from "./ContentHash.js"
import type { HashBatch, HashOutcomes } from "./HashMessage.js"
import * as SmallFileHash from "./SmallFileHash.js"
import { SourceError } from "./SourceError.js"

/** Files that are read at the same time, where each is read by itself. */
const READ_AT_ONCE = 8
/** So few small files aren't worth a thread. */
const WORTH_A_THREAD = 8

/** A file with the stamp that a scan saw. */
export type StampedFile = FileStat & { readonly path: string }

/** Hashes files, small ones many at a time. */
export interface FileHasher {
  /** What `ContentHash.of` says of each, in their order. */
  readonly of: (files: ReadonlyArray<StampedFile>) => Effect.Effect<ReadonlyArray<Either.Either<string, SourceError>>>
}

const alone = (file: StampedFile): Effect.Effect<Either.Either<string, SourceError>> => Effect.either(ContentHash.of(file))

const batchOf = (files: ReadonlyArray<StampedFile>): HashBatch => ({
  paths: files.map(({ path }) => path),
  stamps: files.flatMap(({ ctimeNs, dev, ino, mtimeNs, size }) => [dev, ino, size, mtimeNs, ctimeNs])
})

/**
 * Hashes large files by the system's threads, and many small ones in a thread of its own: five turns through the thread pool cost a small
 * file more than its bytes. The thread starts with the first batch that is worth it, and ends with the scope.
 */
export const make: Effect.Effect<FileHasher, never, Scope.Scope> = Effect.gen(function* () {
  const thread = yield* ThreadClient.make<HashBatch, HashOutcomes, string>(
    () => new Worker(ThreadClient.file(import.meta.url, "hash.worker"), { resourceLimits: ThreadClient.thrifty }),
    (cause) => cause
  )
  const each = (files: ReadonlyArray<StampedFile>) => Effect.forEach(files, alone, { concurrency: READ_AT_ONCE })
  const together = (files: ReadonlyArray<StampedFile>) =>
    thread.ask(batchOf(files)).pipe(
      Effect.map((outcomes) =>
        outcomes.map((outcome) => (typeof outcome === "string" ? Either.right(outcome) : Either.left(new SourceError(outcome))))
      ),
      // Without the thread it only takes longer.
      Effect.catchAll(() => each(files))
    )
  return {
    of: (files) => {
      const small = files.filter(({ size }) => size <= SmallFileHash.MOST_BYTES)
      if (small.length < WORTH_A_THREAD) return each(files)
      if (small.length === files.length) return together(files)
      const large = files.filter(({ size }) => size > SmallFileHash.MOST_BYTES)
      return Effect.map(Effect.zip(together(small), each(large), { concurrent: true }), ([ofSmall, ofLarge]) => {
        const [nextSmall, nextLarge] = [ofSmall.values(), ofLarge.values()]
        return files.flatMap(({ size }) => (size <= SmallFileHash.MOST_BYTES ? nextSmall : nextLarge).next().value ?? [])
      })
    }
  }
})
