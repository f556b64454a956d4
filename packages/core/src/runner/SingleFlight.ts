import { Deferred, Effect, FiberId } from "effect"
import type { NodeOutcome } from "./NodeOutcome.js"

/**
 * Single flight: a key is worked on once in this process, whoever wants it. An outcome of `undefined` means that it was given up:
 * one of those who wait takes over.
 */
export interface SingleFlight {
  /** Claims a key; or gives what its holder will come to. */
  readonly acquire: (key: string) => Effect.Effect<NodeOutcome | undefined> | undefined
  /** Ends the claim, and says to those who wait what came of it. */
  readonly release: (key: string, outcome: NodeOutcome | undefined) => void
}

type Waiters = Deferred.Deferred<NodeOutcome | undefined>

export const make = (): SingleFlight => {
  /** The deferred is made by the first who waits: hardly ever. */
  const held = new Map<string, Waiters | undefined>()
  return {
    acquire: (key) => {
      if (!held.has(key)) {
        held.set(key, undefined)
        return undefined
      }
      const waiters = held.get(key) ?? Deferred.unsafeMake(FiberId.none)
      held.set(key, waiters)
      return Deferred.await(waiters)
    },
    release: (key, outcome) => {
      const waiters = held.get(key)
      held.delete(key)
      if (waiters !== undefined) Deferred.unsafeDone(waiters, Effect.succeed(outcome))
    }
  }
}
