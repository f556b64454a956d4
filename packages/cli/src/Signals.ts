import { Deferred, Effect, type Fiber, type Scope } from "effect"
import { ExitCode } from "./ExitCode.js"

/** After SIGTERM, work in flight has so long to finish before it is stopped: whoever sent it will not wait for ever. */
const termLimitMillis = 8_000
/** Clean-up that hangs doesn't keep the process. */
const stopLimitMillis = 10_000

/** Whoever can finish what it has begun, and begin nothing new, when asked. */
let drain: Deferred.Deferred<void> | undefined

/**
 * While the scope is open, the first Ctrl-C (or SIGTERM) completes this instead of stopping the command.
 * The second one stops it.
 */
export const draining: Effect.Effect<Deferred.Deferred<void>, never, Scope.Scope> = Effect.acquireRelease(
  Effect.tap(Deferred.make<void>(), (made) => Effect.sync(() => (drain = made))),
  () => Effect.sync(() => (drain = undefined))
)

/** Signals meet the command from here on. Gives the exit code that they ask for, once there was one. */
export const listen = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): (() => ExitCode | undefined) => {
  let code: ExitCode | undefined
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(code)
    stopping = true
    setTimeout(() => process.exit(code), stopLimitMillis).unref()
    fiber.unsafeInterruptAsFork(fiber.id())
  }
  const onSignal = (signal: "SIGINT" | "SIGTERM") => {
    const first = code === undefined
    code ??= signal === "SIGINT" ? ExitCode.interrupted : ExitCode.terminated
    if (!first || drain === undefined) return stop()
    Deferred.unsafeDone(drain, Effect.void)
    if (signal === "SIGTERM") setTimeout(stop, termLimitMillis).unref()
  }
  process.on("SIGINT", () => onSignal("SIGINT"))
  process.on("SIGTERM", () => onSignal("SIGTERM"))
  return () => code
}
