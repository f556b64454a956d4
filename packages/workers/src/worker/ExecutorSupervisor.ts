import { Effect, Schedule, ScopedRef, type Scope } from "effect"
import type { FileSource } from "../files/FileTransfer.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import type { BatchPart } from "./ExecutorMessage.js"
import * as ExecutorProcess from "./ExecutorProcess.js"

/** A process that runs stages, started again when it has ended. */
export interface ExecutorSupervisor {
  /** Runs a batch; fails where the process ended under it. */
  readonly run: (
    command: ExecutorProcess.RunCommand,
    heard: (part: BatchPart) => void
  ) => Effect.Effect<void, ExecutorProcess.Ended | WorkerError>
  /** Nobody waits for this attempt of a batch any more. */
  readonly cancel: (batch: string, attempt: string) => void
  /** Where a coordinator's files are from now on. */
  readonly know: (coordinator: string, sources: ReadonlyArray<FileSource>) => Effect.Effect<void>
  /** A process that is up. */
  readonly process: Effect.Effect<ExecutorProcess.ExecutorProcess, WorkerError>
}

/** A machine that is short of memory gets its breath back. */
const again = Schedule.intersect(Schedule.exponential("250 millis"), Schedule.recurs(5))

/** Starts the first process when it is asked for. */
export const make = (start: ExecutorProcess.Start, slots: number): Effect.Effect<ExecutorSupervisor, never, Scope.Scope> =>
  Effect.gen(function* () {
    const current = yield* ScopedRef.make<ExecutorProcess.ExecutorProcess | undefined>(() => undefined)
    const one = yield* Effect.makeSemaphore(1)
    let up: ExecutorProcess.ExecutorProcess | undefined
    const living = () => (up?.isAlive() === true ? up : undefined)
    const process = Effect.gen(function* () {
      const there = living()
      if (there !== undefined) return there
      yield* ScopedRef.set(current, Effect.retry(ExecutorProcess.make(start, slots), again))
      up = yield* ScopedRef.get(current)
      return up === undefined ? yield* Effect.interrupt : up
    }).pipe(one.withPermits(1))
    return {
      process,
      run: (command, heard) =>
        Effect.suspend(() => {
          const there = living()
          return there === undefined ? Effect.flatMap(process, (fresh) => fresh.run(command, heard)) : there.run(command, heard)
        }),
      cancel: (batch, attempt) => living()?.send({ _tag: "Cancel", id: batch, attempt }),
      know: (coordinator, sources) => Effect.sync(() => up?.send({ _tag: "Source", coordinator, sources }))
    }
  })
