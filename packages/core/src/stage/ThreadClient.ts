import { Effect, type Scope } from "effect"
import type { Worker } from "node:worker_threads"

/** A request or its reply, as it crosses between the threads. */
export interface Ticketed<A> {
  readonly ticket: number
  readonly value: A
}

/** This thread's end of one that answers: each request once, in any order. */
export interface ThreadClient<Request, Reply, E> {
  /** Starts the thread before the first request, which does so by itself. */
  readonly start: Effect.Effect<void>
  /** An interrupted request is still worked on; its reply is dropped. */
  readonly ask: (request: Request) => Effect.Effect<Reply, E>
}

/**
 * Keeps the process alive only while a request is open. A thread that ended fails all that was asked of it, and the next request
 * starts another one.
 *
 * @param open starts the thread; it gets and gives {@link Ticketed} messages
 * @param ended the error of a request whose thread ended, from the cause in words
 */
export const make = <Request, Reply, E>(
  open: () => Worker,
  ended: (cause: string) => E
): Effect.Effect<ThreadClient<Request, Reply, E>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting = new Map<number, (outcome: Effect.Effect<Reply, E>) => void>()
    let worker: Worker | undefined
    let tickets = 0
    let isClosed = false

    const settle = (ticket: number, outcome: Effect.Effect<Reply, E>) => {
      const resume = waiting.get(ticket)
      waiting.delete(ticket)
      if (waiting.size === 0) worker?.unref()
      resume?.(outcome)
    }
    const start = (): Worker => {
      const started = open()
      const die = (cause: unknown) => {
        if (worker !== started) return
        worker = undefined
        for (const ticket of [...waiting.keys()]) settle(ticket, Effect.fail(ended(String(cause))))
      }
      started.on("message", ({ ticket, value }: Ticketed<Reply>) => settle(ticket, Effect.succeed(value)))
      started.on("error", die)
      started.on("exit", (code) => die(`exit code ${code}`))
      started.unref()
      return started
    }
    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        isClosed = true
        await worker?.terminate()
      })
    )
    return {
      start: Effect.sync(() => void (worker ??= start())),
      ask: (request) =>
        Effect.async((resume) => {
          if (isClosed) return resume(Effect.fail(ended("closed")))
          worker ??= start()
          const ticket = tickets++
          waiting.set(ticket, resume)
          worker.ref()
          worker.postMessage({ ticket, value: request } satisfies Ticketed<Request>)
          return Effect.sync(() => settle(ticket, Effect.interrupt))
        })
    }
  })

/**
 * The JavaScript of a thread that stands beside a module: threads run from `dist`, also when the module itself is read from `src`.
 *
 * @param here `import.meta.url`
 * @param name without an extension: `scan.worker`
 */
export const file = (here: string, name: string): URL => {
  const beside = new URL(`./${name}.js`, here)
  return here.endsWith(".ts") ? new URL(beside.href.replace(/\/src\/(?!.*\/src\/)/, "/dist/")) : beside
}

/**
 * For threads whose garbage is short-lived and whose speed is nobody's bottleneck: V8 would let new objects take 48 MB in each of
 * them before it tidies up.
 */
export const thrifty = { maxYoungGenerationSizeMb: 8 }
