import { Effect, type Scope } from "effect"

/** Takes permits and gives them back when the scope closes. Waiting can be interrupted; what was taken is never lost. */
export const held = (semaphore: Effect.Semaphore, permits: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      restore(semaphore.take(permits)),
      Effect.addFinalizer(() => semaphore.release(permits))
    )
  )
