import { StateFolder } from "@mediaspool/core"
import { Effect, type Scope } from "effect"
import type { ChildProcess } from "node:child_process"

/** What a child may know of our environment: where programs and libraries are, and nothing that may be secret. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "TMPDIR", "TEMP", "TMP"].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )

/**
 * How children are started: with that environment, and in a process group of their own. A terminal's Ctrl-C goes to the whole group of
 * the command, which then lets its children finish.
 */
export const options = () => ({ env: environment(), detached: process.platform !== "win32", windowsHide: true })

/** How long a child may tidy up after SIGTERM before SIGKILL. */
const GRACE = "2 seconds"

/** Whether a child was started and has yet to end. */
const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null

/** Waits for the end of a child. */
export const ended = (child: ChildProcess): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (!isRunning(child)) return resume(Effect.void)
    const done = () => resume(Effect.void)
    child.once("exit", done)
    return Effect.sync(() => void child.off("exit", done))
  })

/**
 * Ends a child: SIGTERM, and SIGKILL for one that doesn't listen. Returns when it is gone. A child that was never started has no pid,
 * and a signal to it would reach our own process group.
 */
export const terminate = (child: ChildProcess): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (!isRunning(child)) return Effect.void
    child.kill("SIGTERM")
    return ended(child).pipe(
      Effect.interruptible,
      Effect.timeoutTo({
        duration: GRACE,
        onSuccess: () => Effect.void,
        onTimeout: () =>
          Effect.suspend(() => {
            if (isRunning(child)) child.kill("SIGKILL")
            return ended(child)
          })
      }),
      Effect.flatten
    )
  })

/** Ends a child with the scope; the next start of Mediaspool ends it if this process dies first. */
export const adopt = (child: ChildProcess): Effect.Effect<void, never, Scope.Scope | StateFolder> =>
  Effect.gen(function* () {
    const folder = yield* StateFolder
    yield* Effect.addFinalizer(() => terminate(child))
    if (child.pid !== undefined) yield* folder.child(child.pid)
  }).pipe(Effect.uninterruptible)

/** Starts a child that ends with the scope. A program that can't be started has no pid. */
export const scoped = <C extends ChildProcess>(start: () => C): Effect.Effect<C, never, Scope.Scope | StateFolder> =>
  Effect.suspend(() => {
    const child = start()
    // Without a listener a failed start would be an uncaught error.
    child.on("error", () => undefined)
    return Effect.as(adopt(child), child)
  }).pipe(Effect.uninterruptible)
