import { Deferred, Effect, Exit, type Scope } from "effect"
import type { ChildProcess } from "node:child_process"
import { WorkerError } from "../protocol/WorkerError.js"
import type { BatchPart, ExecutorCommand, ExecutorMessage, Offer } from "./ExecutorMessage.js"
import { MessageBatch } from "./MessageBatch.js"

/** Starts a process that runs {@link Executor.run}; with Node's channel to it. */
export type Start = (slots: number) => ChildProcess

/** The process ended while it ran jobs. */
export interface Ended {
  readonly _tag: "ExecutorEnded"
  /** `SIGKILL`, or the exit code. */
  readonly how: string
}

export type RunCommand = Extract<ExecutorCommand, { readonly _tag: "Run" }>

/** A process that runs stages, as the worker sees it. */
export interface ExecutorProcess {
  readonly offer: Offer
  /** Runs a batch, whose answers are heard a part at a time; fails where the process ended under it. Interruption stops its stages. */
  readonly run: (command: RunCommand, heard: (part: BatchPart) => void) => Effect.Effect<void, Ended>
  readonly send: (command: ExecutorCommand) => void
  readonly isAlive: () => boolean
}

interface Waiting {
  readonly resume: (end: Effect.Effect<void, Ended>) => void
  readonly heard: (part: BatchPart) => void
}

/** Reading the config, loading the plugins and looking at the engine take a moment. */
const START = "60 seconds"
/** After its channel is closed the process has so long to put its things away. */
const STOP_MILLIS = 5_000

const stop = (child: ChildProcess): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MILLIS)
    child.once("exit", () => {
      clearTimeout(kill)
      resume(Effect.void)
    })
    if (child.connected) child.disconnect()
  })

/** A process while the scope is open; fails when it doesn't come up. */
export const make = (start: Start, slots: number): Effect.Effect<ExecutorProcess, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => start(slots)),
      stop
    )
    const ready = yield* Deferred.make<Offer, WorkerError>()
    let how: string | undefined
    const waiting = new Map<string, Waiting>()
    const onEnd = (reason: string) => {
      how ??= reason
      const ended: Ended = { _tag: "ExecutorEnded", how }
      Deferred.unsafeDone(
        ready,
        Exit.fail(new WorkerError({ code: "WorkerNotStarted", detail: `the process that runs stages ended at once (${reason})` }))
      )
      for (const { resume } of waiting.values()) resume(Effect.fail(ended))
      waiting.clear()
    }
    child.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`))
    child.once("error", (cause) => onEnd(cause.message))
    const hear = (message: ExecutorMessage): void => {
      switch (message._tag) {
        case "Ready":
          return Deferred.unsafeDone(ready, Exit.succeed(message.offer))
        case "Unfit":
          return Deferred.unsafeDone(ready, Exit.fail(new WorkerError({ code: "WorkerNotStarted", detail: message.message })))
        case "Answered": {
          const found = waiting.get(message.id)
          found?.heard(message.part)
          if (!message.part.isLast) return
          waiting.delete(message.id)
          return found?.resume(Effect.void)
        }
      }
    }
    child.on("message", (batch: ReadonlyArray<ExecutorMessage>) => batch.forEach(hear))
    const commands = new MessageBatch<ExecutorCommand>((batch) => {
      // One that has ended is told of by its exit.
      if (child.connected) child.send(batch, () => {})
    })
    const offer = yield* Deferred.await(ready).pipe(
      Effect.timeoutFail({
        duration: START,
        onTimeout: () => new WorkerError({ code: "WorkerNotStarted", detail: `nothing was ready within ${START}` })
      })
    )
    return {
      offer,
      send: (command) => commands.add(command),
      isAlive: () => how === undefined,
      run: (command, heard) =>
        Effect.async<void, Ended>((resume) => {
          if (how !== undefined) return resume(Effect.fail<Ended>({ _tag: "ExecutorEnded", how }))
          const mine = { resume, heard }
          waiting.set(command.id, mine)
          commands.add(command)
          return Effect.sync(() => {
            // The same job may have come again by now.
            if (waiting.get(command.id) !== mine) return
            waiting.delete(command.id)
            commands.add({ _tag: "Cancel", id: command.id, attempt: undefined })
          })
        })
    }
  })
