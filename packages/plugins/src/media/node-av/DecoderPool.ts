import { StateFolder } from "@mediaspool/core"
import { type Duration, Effect, ParseResult, Pool, Schema, type Scope } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Child from "../ChildProcess.js"
import { MediaError } from "../MediaError.js"
import { Reply, type Request } from "./DecoderMessage.js"

/** Inputs that a child decodes before another takes its place: libav's memory grows by some 50 KB with each. */
const LIFE = 400

/** What an inspection costs of that: it decodes nothing, and leaves next to nothing. */
const INSPECTION = 1 / 50

/** The program of the children, from `dist` also where this module is read from `src`. */
const program = (): string => {
  const file = new URL("./decoder.child.cjs", import.meta.url)
  return fileURLToPath(import.meta.url.endsWith(".ts") ? new URL(file.href.replace(/\/src\/(?!.*\/src\/)/, "/dist/")) : file)
}

const gone = (child: ChildProcess): MediaError =>
  new MediaError({
    code: "EngineFailed",
    detail: `the child process that reads media ended (${child.signalCode ?? child.exitCode ?? "it didn't start"})`
  })

/** Waits for a reply that `accept` takes, having sent a request. Fails when the child ends. */
const listen = <A>(
  child: ChildProcess,
  accept: (reply: Reply) => A | undefined,
  request?: Request
): Effect.Effect<A, MediaError> =>
  Effect.async<A, MediaError>((resume) => {
    const stop = () => {
      child.off("message", hear)
      child.off("exit", fail)
      child.off("error", fail)
    }
    const fail = () => {
      stop()
      resume(Effect.fail(gone(child)))
    }
    const hear = (message: unknown) => {
      const reply = Effect.runSync(Effect.either(Schema.decodeUnknown(Reply)(message)))
      if (reply._tag === "Left") {
        stop()
        const detail = `a child process said what can't be understood: ${ParseResult.TreeFormatter.formatErrorSync(reply.left)}`
        return resume(Effect.fail(new MediaError({ code: "EngineFailed", detail })))
      }
      const accepted = accept(reply.right)
      if (accepted === undefined) return
      stop()
      resume(Effect.succeed(accepted))
    }
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return fail()
    child.on("message", hear)
    child.on("exit", fail)
    child.on("error", fail)
    // A child that is gone can't be written to; its end is heard above.
    if (request !== undefined) child.send(request, () => undefined)
    return Effect.sync(stop)
  })

const start = (flags: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const child = yield* Child.scoped(() =>
      fork(program(), [], { ...Child.options(), execArgv: [...flags], stdio: ["ignore", "ignore", "ignore", "ipc"] })
    )
    yield* listen(child, (reply) => (reply.type === "ready" ? reply : undefined)).pipe(
      Effect.timeoutFail({
        duration: "30 seconds",
        onTimeout: () => new MediaError({ code: "EngineFailed", detail: "a child process that reads media doesn't start" })
      }),
      // One that ends by itself could not load; one that was killed, or is slow on a busy machine, says nothing of what is installed.
      Effect.mapError((error) =>
        child.pid === undefined || (child.exitCode ?? 0) !== 0
          ? new MediaError({ code: "EngineMissing", detail: `node-av can't be loaded: ${error.detail}` })
          : error
      )
    )
    return child
  })

const used = (request: Request): number => (request.type === "run" ? request.jobs.length : request.files.length * INSPECTION)

/** Processes that read media through node-av. A crash or a hang costs one of them. */
export interface DecoderPool {
  /** @param limit wall time */
  readonly call: <A>(
    request: Request,
    limit: Duration.DurationInput,
    accept: (reply: Reply) => A | undefined
  ) => Effect.Effect<A, MediaError>
  /** Starts a child where none is idle; one that can't start is whose call needs it. */
  readonly warm: Effect.Effect<void>
}

/**
 * @param count children at once; they start when needed and leave after half a minute without work
 * @param flags of V8
 */
export const make = (
  count: number,
  flags: ReadonlyArray<string> = []
): Effect.Effect<DecoderPool, never, Scope.Scope | StateFolder> =>
  Effect.gen(function* () {
    const pool = yield* Pool.makeWithTTL({ acquire: start(flags), min: 0, max: count, timeToLive: "30 seconds" })
    const served = new WeakMap<ChildProcess, number>()
    return {
      warm: Effect.ignore(Effect.scoped(Effect.disconnect(pool.get))),
      call: (request, limit, accept) =>
        Effect.scoped(
          Effect.gen(function* () {
            // Whoever waits for a child can't be interrupted by the pool's own means, and would keep a scope from closing.
            const child = yield* Effect.disconnect(pool.get)
            const retire = Effect.zipRight(Child.terminate(child), pool.invalidate(child))
            // A child at work keeps this process alive, an idle one doesn't.
            child.ref()
            child.channel?.ref()
            const answer = yield* listen(child, accept, request).pipe(
              Effect.timeoutFail({
                duration: limit,
                onTimeout: () =>
                  new MediaError({ code: "EngineTimedOut", detail: "the child process that reads media took too long" })
              }),
              Effect.onExit((exit) => (exit._tag === "Success" ? Effect.void : retire))
            )
            child.unref()
            child.channel?.unref()
            const total = (served.get(child) ?? 0) + used(request)
            served.set(child, total)
            if (total >= LIFE) yield* retire
            return answer
          })
        )
    }
  })
