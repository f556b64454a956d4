import { Effect, type Scope } from "effect"
import { createHook } from "node:async_hooks"

/** What came of an effect, and the timers that were set while it ran. */
export interface Noted<A> {
  readonly value: A
  /** How many of them still run, and keep the process from ending. */
  readonly left: () => number
}

const keepsRunning = (timer: object): boolean =>
  "hasRef" in timer && typeof timer.hasRef === "function" && timer.hasRef() === true

/** Runs an effect and notes the timers that are set meanwhile, by whomever; they are watched until the scope closes. */
export const during = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Noted<A>, E, R | Scope.Scope> =>
  Effect.gen(function* () {
    const running = new Map<number, object>()
    let isNoting = true
    const hook = createHook({
      init: (id, type, _trigger, resource) => void (isNoting && type === "Timeout" && running.set(id, resource)),
      destroy: (id) => void running.delete(id)
    })
    yield* Effect.acquireRelease(
      Effect.sync(() => hook.enable()),
      () => Effect.sync(() => hook.disable())
    )
    const value = yield* Effect.ensuring(
      effect,
      Effect.sync(() => (isNoting = false))
    )
    return { value, left: () => [...running.values()].filter(keepsRunning).length }
  })
