import type { Registry } from "@mediaspool/core"
import { Deferred, Effect, FiberMap, Queue, type Scope } from "effect"
import { randomUUID } from "node:crypto"
import * as FileCache from "../files/FileCache.js"
import type { FileSource } from "../files/FileTransfer.js"
import type { Roots } from "../files/Roots.js"
import * as SharedFiles from "../files/SharedFiles.js"
import { isComplete, type JobProgress } from "../protocol/JobProgress.js"
import type { StageJob } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"
import type { ExecutorCommand, ExecutorMessage, Offer } from "./ExecutorMessage.js"
import * as JobRunner from "./JobRunner.js"
import { MessageBatch } from "./MessageBatch.js"

export interface Options {
  /** The worker's name. */
  readonly worker: string
  readonly registry: Registry
  readonly offer: Offer
  readonly roots: Roots
  /** For what stages make; absolute, emptied by whoever owns it. */
  readonly scratch: string
  /** For fetched files; absolute. */
  readonly cache: { readonly folder: string; readonly ceiling: number }
}

/** Progress is told so often, in milliseconds. */
const REPORT_MILLIS = 500

const outgoing = new MessageBatch<ExecutorMessage>((batch) => void process.send?.(batch))

/** What the parent process says, on Node's own channel; ends with it. */
const commands: Effect.Effect<
  { readonly next: Effect.Effect<ExecutorCommand>; readonly ended: Effect.Effect<void> },
  never,
  Scope.Scope
> = Effect.gen(function* () {
  const queue = yield* Queue.unbounded<ExecutorCommand>()
  const ended = yield* Deferred.make<void>()
  const onMessage = (batch: ReadonlyArray<ExecutorCommand>) => batch.forEach((command) => queue.unsafeOffer(command))
  const onEnd = () => Deferred.unsafeDone(ended, Effect.void)
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("message", onMessage).once("disconnect", onEnd)),
    () => Effect.sync(() => process.off("message", onMessage).off("disconnect", onEnd))
  )
  if (!process.connected) onEnd()
  return { next: Queue.take(queue), ended: Deferred.await(ended) }
})

/**
 * Runs stages for the worker process that started this one, until that ends. What kills this process (a file that takes all memory)
 * leaves the worker itself alive, which then knows what was running.
 */
export const run = (options: Options): Effect.Effect<void, WorkerError> =>
  Effect.gen(function* () {
    const sources = new Map<string, ReadonlyArray<FileSource>>()
    /** Each time it is asked, another one of those that may have the file. */
    const source = (coordinator: string) => {
      let turn = 0
      return Effect.suspend(() => {
        const all = sources.get(coordinator) ?? []
        const found = all[turn++ % all.length]
        return found === undefined
          ? new WorkerError({ code: "FileNotFetched", detail: "the coordinator is away" })
          : Effect.succeed(found)
      })
    }
    const know = (coordinator: string, at: ReadonlyArray<FileSource>) => void sources.set(coordinator, at)
    const runner = yield* JobRunner.make({
      worker: options.worker,
      registry: options.registry,
      roots: options.roots,
      shared: SharedFiles.make(options.roots),
      cache: yield* FileCache.make(options.cache.folder, options.cache.ceiling, source),
      source,
      folder: options.scratch,
      nextDelivery: randomUUID
    })
    const running = yield* FiberMap.make<string>()

    const start = (id: string, job: StageJob) => {
      let told = -REPORT_MILLIS
      let last: JobProgress | undefined
      const report = (progress: JobProgress) => {
        last = progress
        if (isComplete(progress)) return
        const now = performance.now()
        if (now - told < REPORT_MILLIS) return
        told = now
        outgoing.add({ _tag: "Progressed", id, progress })
      }
      const work = Effect.map(runner.run(id, job, report), (reply) =>
        outgoing.add({
          _tag: "Replied",
          id,
          reply: reply._tag === "Done" && last !== undefined ? { ...reply, progress: last } : reply
        })
      )
      return FiberMap.run(running, id, work)
    }

    const obey = (command: ExecutorCommand): Effect.Effect<unknown> => {
      switch (command._tag) {
        case "Run":
          know(command.job.coordinator, command.sources)
          return start(command.id, command.job)
        case "Cancel":
          return FiberMap.remove(running, command.id)
        case "Source":
          return Effect.sync(() => know(command.coordinator, command.sources))
      }
    }
    const parent = yield* commands
    outgoing.add({ _tag: "Ready", offer: options.offer })
    yield* Effect.raceFirst(Effect.forever(Effect.flatMap(parent.next, obey)), parent.ended)
  }).pipe(Effect.scoped)
