import { Effect } from "effect"

/** How long fibers may go on without the event loop turning: with cheap stages Effect's own scheduler would stall it for seconds. */
const MILLIS_A_TURN = 8

export interface EventLoopBudget {
  /** Whether it is time to let the event loop turn. */
  readonly isSpent: () => boolean
  /** Goes on when the event loop has turned; in the order of asking. */
  readonly yieldToEventLoop: Effect.Effect<void>
}

export const make = (): EventLoopBudget => {
  let started = performance.now()
  const parked: Array<() => void> = []

  // One fiber a turn: the first would else take the whole of every turn, and the others would starve.
  const next = () => {
    started = performance.now()
    const resume = parked.shift()
    if (parked.length > 0) setImmediate(next)
    resume?.()
  }
  const yieldToEventLoop = Effect.async<void>((resume) => {
    const woken = () => resume(Effect.void)
    if (parked.push(woken) === 1) setImmediate(next)
    return Effect.sync(() => {
      const place = parked.indexOf(woken)
      // Its turn goes to the next one; `next` copes with an empty queue.
      if (place >= 0) parked.splice(place, 1)
    })
  })
  return { isSpent: () => performance.now() - started >= MILLIS_A_TURN, yieldToEventLoop }
}
