import { Effect } from "effect"

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 8

const turn = Effect.async<void>((resume) => {
  const handle = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(handle))
})

/** Runs `step` for 0 … count - 1. The event loop turns every few milliseconds, so that nothing else waits for it; interruptible there. */
export const inSlices = (count: number, step: (index: number) => void): Effect.Effect<void> => {
  const from = (start: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const until = performance.now() + SLICE
      let index = start
      while (index < count && performance.now() < until) step(index++)
      return index < count ? Effect.flatMap(turn, () => from(index)) : Effect.void
    })
  return from(0)
}
