import type { Registry } from "@mediaspool/core"
import { Deferred, Effect, Either, FiberSet, Queue, type Scope } from "effect"
import { randomUUID } from "node:crypto"
import * as FileCache from "../files/FileCache.js"
import type { FileSource } from "../files/FileTransfer.js"
import type { Roots } from "../files/Roots.js"
import * as SharedFiles from "../files/SharedFiles.js"
import { entriesOf, type StageBatch } from "../protocol/StageBatch.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { BatchRun } from "./BatchRun.js"
import type { BatchPart, ExecutorCommand, ExecutorMessage, Offer } from "./ExecutorMessage.js"
import { answerAll, refusal } from "./Refusal.js"
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

/** Between two looks at what is running, in milliseconds. */
const LOOK = 20

// A parent that has ended is told of by its channel's end; with a callback no error of it goes astray.
const outgoing = new MessageBatch<ExecutorMessage>((batch) => {
  if (process.connected) process.send?.(batch, undefined, undefined, () => {})
})

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
    const { worker } = options
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
      registry: options.registry,
      roots: options.roots,
      shared: SharedFiles.make(options.roots),
      cache: yield* FileCache.make(options.cache.folder, options.cache.ceiling, source),
      source,
      folder: options.scratch,
      nextDelivery: randomUUID
    })
    const fork = yield* FiberSet.makeRuntime<never, void, never>()
    const running = new Map<string, BatchRun>()
    let looks: NodeJS.Timeout | undefined
    const rest = (): void => {
      clearInterval(looks)
      looks = undefined
    }
    const goOn = (id: string, batch: BatchRun): void => {
      running.set(id, batch)
      looks ??= setInterval(() => running.forEach((batch) => batch.look()), LOOK)
      batch.start()
    }
    const end = (id: string): void => {
      running.delete(id)
      if (running.size === 0) rest()
    }
    yield* Effect.addFinalizer(() => Effect.sync(rest))

    const start = (id: string, { entries, ids, isMerged, ...node }: StageBatch): void => {
      const tell = (part: BatchPart): void => {
        if (part.isLast) end(id)
        outgoing.add({ _tag: "Answered", id, part })
      }
      const decoded = entriesOf({ coordinator: node.coordinator, entries, ids })
      if (Either.isLeft(decoded)) {
        const detail = `the job can't be read: ${decoded.left}`
        return tell(answerAll(id, ids, refusal(new WorkerError({ code: "JobRefused", detail }))))
      }
      goOn(id, new BatchRun(id, node, decoded.right, isMerged, { run: runner.run, fork, tell, worker }))
    }

    const obey = (command: ExecutorCommand): void => {
      switch (command._tag) {
        case "Run":
          know(command.batch.coordinator, command.sources)
          return start(command.id, command.batch)
        case "Cancel": {
          const batch = running.get(command.id)
          if (command.attempt !== undefined) return batch?.cancel(command.attempt)
          end(command.id)
          return batch?.stop()
        }
        case "Source":
          return know(command.coordinator, command.sources)
      }
    }
    const parent = yield* commands
    outgoing.add({ _tag: "Ready", offer: options.offer })
    yield* Effect.raceFirst(Effect.forever(Effect.map(parent.next, obey)), parent.ended)
  }).pipe(Effect.scoped)
