import { Effect, Schedule, ScopedRef, type Scope } from "effect"
import type { FileSource } from "../files/FileTransfer.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import type { StageReply } from "../protocol/StageReply.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import type { ExecutorCommand } from "./ExecutorMessage.js"
import * as ExecutorProcess from "./ExecutorProcess.js"

/** A process that runs stages, started again when it has ended. */
export interface ExecutorSupervisor {
  /** The answer, or how the process ended under it. */
  readonly run: (
    command: Extract<ExecutorCommand, { readonly _tag: "Run" }>,
    progressed: (progress: JobProgress) => void
  ) => Effect.Effect<StageReply, ExecutorProcess.Ended | WorkerError>
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
      run: (command, progressed) =>
        Effect.suspend(() => {
          const there = living()
          return there === undefined
            ? Effect.flatMap(process, (fresh) => fresh.run(command, progressed))
            : there.run(command, progressed)
        }),
      know: (coordinator, sources) => Effect.sync(() => up?.send({ _tag: "Source", coordinator, sources }))
    }
  })
