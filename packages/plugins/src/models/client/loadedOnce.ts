import { Duration, Effect } from "effect"

/**
 * Loads something for the first who needs it, and for all who come later. `Effect.cached` would keep the interruption of a first request,
 * and interrupt all later ones.
 */
export const loadedOnce = <A, E, R>(load: Effect.Effect<A, E, R>): Effect.Effect<Effect.Effect<A, E>, never, R> =>
  Effect.cachedWithTTL(load, Duration.infinity)
