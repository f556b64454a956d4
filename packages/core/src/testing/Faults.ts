import { Effect } from "effect"

/** What goes wrong in a test, and how often before it goes right: the disk, the library's database, secrets, the process itself. */
export interface Faults {
  /** So many artifacts can't be written. */
  readonly artifacts?: number
  /** So many writes to the library fail. */
  readonly library?: number
  /** So many secrets are missing. */
  readonly secrets?: number
  /** The process dies when so many replies of paid calls have been kept: the run is interrupted, and a second one goes on from there. */
  readonly dieAfterCall?: number
}

/** Fails the first `times` that it is asked. */
export const failing = (times = 0): (<E>(fault: () => E) => Effect.Effect<void, E>) => {
  let left = times
  return (fault) => Effect.suspend(() => (left-- > 0 ? Effect.fail(fault()) : Effect.void))
}
