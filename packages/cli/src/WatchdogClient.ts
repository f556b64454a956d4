import { Node, type Project, ThreadClient } from "@mediaspool/core"
import { Context, Effect, Fiber, FiberRef, Option, type Scope } from "effect"
import { writeSync } from "node:fs"
import { Worker } from "node:worker_threads"
import { notesAreJson } from "./output/Output.js"
import { place } from "./output/Text.js"
import * as Signals from "./Signals.js"
import { BLOCKED, type WatchdogData } from "./WatchdogMessage.js"

const BEAT_EVERY = 500

/** The node that has the event loop, for people. */
const current = (): string =>
  Fiber.getCurrentFiber().pipe(
    Option.flatMap((fiber) => Context.getOption(fiber.getFiberRef(FiberRef.currentContext), Node)),
    Option.map(({ node, path }) => (path === undefined ? node : `${node} of ${place(path)}`)),
    Option.getOrElse(() => "A plugin")
  )

const tell = (): void => {
  const message = `${current()} blocks the whole process; Ctrl-C ends it at once.`
  const line = notesAreJson() ? JSON.stringify({ type: "log", time: new Date().toISOString(), level: "warn", message }) : message
  try {
    // At once: nothing that waits for the event loop comes out now.
    writeSync(process.stderr.fd, `${line}\n`)
  } catch {
    // Nobody reads it.
  }
}

/**
 * While the scope is open, a plugin's code that never returns is told of, and Ctrl-C then ends the process as a kill does: no handler
 * would be heard. What was under way is done again by the next run.
 */
export const guard = (project: Project.Project): Effect.Effect<void, never, Scope.Scope> =>
  Effect.suspend(() => {
    // Built-in stages do long work in other threads.
    if (project.registry.plugins.every(({ from }) => from === "built in")) return Effect.void
    const beats = new Int32Array(new SharedArrayBuffer(4))
    const blocked = Symbol.for(BLOCKED)
    return Effect.asVoid(
      Effect.acquireRelease(
        Effect.sync(() => {
          Object.defineProperty(globalThis, blocked, {
            configurable: true,
            value: () => {
              Signals.release()
              tell()
            }
          })
          const beating = setInterval(() => {
            Atomics.add(beats, 0, 1)
            Signals.restore()
          }, BEAT_EVERY)
          const worker = new Worker(ThreadClient.file(import.meta.url, "watchdog.worker"), {
            workerData: { beats } satisfies WatchdogData,
            resourceLimits: ThreadClient.thrifty
          })
          // Without it everything goes on as well.
          worker.on("error", () => {})
          worker.unref()
          beating.unref()
          return { beating, worker }
        }),
        ({ beating, worker }) =>
          Effect.promise(async () => {
            clearInterval(beating)
            Reflect.deleteProperty(globalThis, blocked)
            await worker.terminate()
          })
      )
    )
  })
