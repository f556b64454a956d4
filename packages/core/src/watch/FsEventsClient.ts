import { Effect, Queue, Scope, Stream } from "effect"
import { Worker } from "node:worker_threads"
import * as ThreadClient from "../stage/ThreadClient.js"
import type { FsEventBatch, FsEventsOrder } from "./FsEventsMessage.js"

/** Listens to a folder until the stream is let go. A thread that died says so once, as trouble. */
export type Listen = (folder: string, without: ReadonlyArray<string>) => Stream.Stream<FsEventBatch>

/**
 * One thread for all folders. What it says is a hint and never the truth: systems lose events, and names that are no text.
 * It starts with the first folder.
 */
export const make: Effect.Effect<Listen, never, Scope.Scope> = Effect.gen(function* () {
  const scope = yield* Effect.scope
  const listeners = new Map<number, Queue.Queue<FsEventBatch>>()
  let watches = 0

  const died = (cause: unknown) => {
    for (const [watch, queue] of listeners)
      queue.unsafeOffer({ watch, touched: [], listed: [], ready: true, trouble: `the listening thread ended: ${String(cause)}` })
  }
  const start = Effect.acquireRelease(
    Effect.sync(() => {
      const worker = new Worker(ThreadClient.file(import.meta.url, "fsEvents.worker"), { resourceLimits: ThreadClient.thrifty })
      worker.on("message", (hint: FsEventBatch) => listeners.get(hint.watch)?.unsafeOffer(hint))
      worker.on("error", died)
      return worker
    }),
    (worker) => Effect.promise(() => worker.terminate())
  )
  const thread = yield* Effect.cached(Scope.extend(start, scope))

  return (folder, without) =>
    Stream.unwrapScoped(
      Effect.gen(function* () {
        const worker = yield* thread
        const queue = yield* Queue.unbounded<FsEventBatch>()
        const watch = watches++
        const order = (order: FsEventsOrder) => worker.postMessage(order)
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            listeners.set(watch, queue)
            order({ _tag: "Watch", watch, folder, without })
          }),
          () =>
            Effect.sync(() => {
              listeners.delete(watch)
              order({ _tag: "Unwatch", watch })
            })
        )
        return Stream.fromQueue(queue)
      })
    )
})
