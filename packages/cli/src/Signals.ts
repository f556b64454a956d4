import { Deferred, Effect, type Fiber, type Scope } from "effect"
import { readFileSync } from "node:fs"
import { ExitCode } from "./ExitCode.js"

/** After SIGTERM or SIGHUP, the time for work in flight to finish before it is stopped: the sender will not wait for ever. */
const termLimitMillis = 8_000
/** Clean-up that hangs doesn't keep the process. */
const stopLimitMillis = 10_000

/** Set while a command can finish current work and start nothing new. */
let drain: Deferred.Deferred<void> | undefined

/**
 * While the scope is open, the first Ctrl-C (or SIGTERM, or SIGHUP) completes this instead of stopping the command.
 * The second one stops it.
 */
export const draining: Effect.Effect<Deferred.Deferred<void>, never, Scope.Scope> = Effect.acquireRelease(
  Effect.tap(Deferred.make<void>(), (made) => Effect.sync(() => (drain = made))),
  () => Effect.sync(() => (drain = undefined))
)

const codes = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated, SIGHUP: ExitCode.hangup } as const

/** `nohup` starts a command with SIGHUP ignored, which a handler would undo. Linux tells; elsewhere it isn't known. */
const hangupIgnored = (): boolean => {
  try {
    const [, mask = "0"] = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? []
    return (BigInt(`0x${mask}`) & 1n) === 1n
  } catch {
    return false
  }
}

const heard = new Map<keyof typeof codes, () => void>()

/** Lets signals end the process as the system does, while nobody could hear them. */
export const release = (): void => {
  for (const [signal, handler] of heard) process.off(signal, handler)
}

/** The same where no work is under way. */
export const releaseIdle = (): void => {
  if (drain === undefined) release()
}

/** Hears signals, again or still. */
export const restore = (): void => {
  for (const [signal, handler] of heard) if (!process.listeners(signal).includes(handler)) process.on(signal, handler)
}

/** What asks a command to end. */
export interface Signals {
  /** The exit code of the first signal. */
  readonly code: () => ExitCode | undefined
  /** Stops the command now, after its clean-up. */
  readonly stop: () => void
}

/**
 * Listens to signals from here on.
 *
 * @param exit ends the process
 */
export const listen = <A, E>(fiber: Fiber.RuntimeFiber<A, E>, exit: (code: ExitCode) => void): Signals => {
  let code: ExitCode | undefined
  let stopping = false
  const end = () => exit(code ?? ExitCode.failed)
  const stop = () => {
    if (stopping) return end()
    stopping = true
    setTimeout(end, stopLimitMillis).unref()
    fiber.unsafeInterruptAsFork(fiber.id())
  }
  const onSignal = (signal: keyof typeof codes) => {
    const first = code === undefined
    code ??= codes[signal]
    if (!first || drain === undefined) return stop()
    Deferred.unsafeDone(drain, Effect.void)
    if (signal !== "SIGINT") setTimeout(stop, termLimitMillis).unref()
  }
  heard.set("SIGINT", () => onSignal("SIGINT"))
  heard.set("SIGTERM", () => onSignal("SIGTERM"))
  if (!hangupIgnored()) heard.set("SIGHUP", () => onSignal("SIGHUP"))
  restore()
  return { code: () => code, stop }
}
