import { Effect, Option, Schedule, ScopedRef, type Scope } from "effect"
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
  readonly know: (coordinator: string, source: FileSource | undefined) => Effect.Effect<void>
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
    const process = Effect.gen(function* () {
      const there = yield* ScopedRef.get(current)
      const lives = there !== undefined && Option.isNone(yield* there.poll)
      if (lives) return there
      yield* ScopedRef.set(current, Effect.retry(ExecutorProcess.make(start, slots), again))
      const fresh = yield* ScopedRef.get(current)
      return fresh === undefined ? yield* Effect.interrupt : fresh
    }).pipe(one.withPermits(1))
    return {
      process,
      run: (command, progressed) => Effect.flatMap(process, (up) => up.run(command, progressed)),
      know: (coordinator, source) => Effect.map(ScopedRef.get(current), (up) => up?.send({ _tag: "Source", coordinator, source }))
    }
  })
