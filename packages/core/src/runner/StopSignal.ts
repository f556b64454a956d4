import type { Effect } from "effect"

/** A run that is asked to stop finishes the steps that it has begun, and begins none but sinks that lack nothing. */
export interface StopSignal {
  asked: boolean
  /** Ends when it is asked. */
  readonly when: Effect.Effect<void>
}
