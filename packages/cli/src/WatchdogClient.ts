import { Node, type Project, ThreadClient } from "@mediaspool/core"
import { Context, Effect, Fiber, FiberRef, Option, type Scope } from "effect"
import { writeSync } from "node:fs"
import { Worker } from "node:worker_threads"
import { notesAreJson } from "./output/Output.js"
import { place } from "./output/Text.js"
import * as Signals from "./Signals.js"
import { BLOCKED, type WatchdogData } from "./WatchdogMessage.js"

const BEAT_EVERY = 500

/** The file that is being imported, for people. */
let imported: string | undefined

/** What has the event loop, for people: an import, or a node. */
const current = (): string =>
  imported === undefined
    ? Fiber.getCurrentFiber().pipe(
        Option.flatMap((fiber) => Context.getOption(fiber.getFiberRef(FiberRef.currentContext), Node)),
        Option.map(({ node, path }) => (path === undefined ? node : `${node} of ${place(path)}`)),
        Option.getOrElse(() => "A plugin")
      )
    : `The import of ${imported}`

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

const start = () => {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  Object.defineProperty(globalThis, Symbol.for(BLOCKED), {
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
  return () => {
    clearInterval(beating)
    Reflect.deleteProperty(globalThis, Symbol.for(BLOCKED))
    void worker.terminate()
  }
}

/** Scopes that want it, and what ends it. */
let uses = 0
let stop = () => {}

/**
 * While the scope is open, code that never returns is told of, and Ctrl-C then ends the process as a kill does: no handler would be
 * heard. What was under way is done again by the next run.
 */
const watching: Effect.Effect<void, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    if (uses++ === 0) stop = start()
  }),
  () =>
    Effect.sync(() => {
      if (--uses === 0) stop()
    })
)

/** {@link watching}, where plugins of the project's own may block: built-in stages do long work in other threads. */
export const guard = (project: Project.Project): Effect.Effect<void, never, Scope.Scope> =>
  project.registry.plugins.every(({ from }) => from === "built in") ? Effect.void : watching

/** {@link watching}, while a file (absolute) is imported. It may also wait for the system, where no thread can break in. */
export const importing = (file: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.zipRight(
    watching,
    Effect.acquireRelease(
      Effect.sync(() => {
        imported = place(file)
        Signals.releaseIdle()
      }),
      () =>
        Effect.sync(() => {
          imported = undefined
          Signals.restore()
        })
    )
  )
