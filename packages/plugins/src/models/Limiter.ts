import { Clock, Effect, type Scope } from "effect"

/** Takes permits and gives them back when the scope closes. Waiting can be interrupted; what was taken is never lost. */
export const acquireScoped = (semaphore: Effect.Semaphore, permits: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      restore(semaphore.take(permits)),
      Effect.addFinalizer(() => semaphore.release(permits))
    )
  )

/** What an account allows. An absent limit is none. */
export interface Limits {
  readonly requestsPerMinute: number | undefined
  readonly tokensPerMinute: number | undefined
  /** Requests at the same time. */
  readonly concurrency: number
}

/** A turn in the account's traffic. */
export interface Turn {
  /** Sets the tokens that were really used in the place of those expected; 0 for a request that was refused. */
  readonly used: (tokens: number) => Effect.Effect<void>
}

/** Keeps everything that one account is asked, by whichever stage, within what it allows. */
export interface Limiter {
  /** Waits for one of the requests that may run at the same time, and holds it until the scope closes. */
  readonly place: Effect.Effect<void, never, Scope.Scope>
  /**
   * Waits for a turn, first come, first served. The request goes out at once after it.
   *
   * @param tokens expected, in and out
   */
  readonly turn: (tokens: number) => Effect.Effect<Turn>
  /** The account said no: everybody waits so long, and goes more slowly for a while. */
  readonly refused: (millis: number) => Effect.Effect<void>
}

/**
 * Providers count by the second: at 600 a minute the eleventh request in any second is refused. So requests are spaced evenly, a
 * little wider than allowed, and what a late timer lost is caught up only within `slack`: the two together keep a burst out of
 * every second, whatever the provider's second begins with.
 */
const margin = 0.967
const slack = 0.01

/**
 * After a pause the first requests open connections and arrive late, and those behind them catch up with them: for a second they are
 * spaced wider.
 */
const cold = 1.5
const warming = 1

/** Seconds by a clock that never jumps. */
const now = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e9)

/** When the next one may come, at so many a second. A virtual clock: each takes its share of time. */
interface Pace {
  readonly perSecond: number
  /** Seconds. */
  at: number
}

const pace = (perMinute: number | undefined): Pace | undefined =>
  perMinute === undefined ? undefined : { perSecond: (perMinute / 60) * margin, at: -Infinity }

/** How much slower everybody goes after a refusal, and how fast that is forgotten. */
const slower = 0.85
const recovery = 1.02

export const make = (limits: Limits): Effect.Effect<Limiter> =>
  Effect.gen(function* () {
    const places = yield* Effect.makeSemaphore(limits.concurrency)
    const line = yield* Effect.makeSemaphore(1)
    const requests = pace(limits.requestsPerMinute)
    const tokens = pace(limits.tokensPerMinute)
    let pausedUntil = -Infinity
    let speed = 1
    let warmAt = -Infinity

    const ready = (): number => Math.max(requests?.at ?? -Infinity, tokens?.at ?? -Infinity, pausedUntil)

    const advance = (one: Pace | undefined, amount: number, time: number): void => {
      if (one !== undefined) one.at = Math.max(one.at, time - slack) + amount / (one.perSecond * speed)
    }

    /** One at a time looks at the clock; a correction by others may move the time while it waits. */
    const wait: Effect.Effect<void> = Effect.flatMap(now, (time) => {
      const left = ready() - time
      return left <= 0 ? Effect.void : Effect.zipRight(Effect.sleep(Math.ceil(left * 1000)), wait)
    })

    const take = (expected: number) =>
      line.withPermits(1)(
        Effect.zipRight(
          wait,
          Effect.map(now, (time) => {
            if (time - ready() > warming) warmAt = time + warming
            advance(requests, time < warmAt ? cold : 1, time)
            advance(tokens, expected, time)
          })
        )
      )

    const correct = (difference: number) =>
      Effect.map(now, (time) => {
        if (difference > 0) advance(tokens, difference, time)
        else if (tokens !== undefined) tokens.at += difference / (tokens.perSecond * speed)
      })

    return {
      place: acquireScoped(places, 1),
      turn: (expected) =>
        Effect.map(take(expected), () => {
          let counted = expected
          return {
            used: (amount) =>
              Effect.suspend(() => {
                const difference = amount - counted
                counted = amount
                speed = Math.min(1, speed * recovery)
                return correct(difference)
              })
          }
        }),
      refused: (millis) =>
        Effect.map(now, (time) => {
          pausedUntil = Math.max(pausedUntil, time + millis / 1000)
          speed = Math.max(0.25, speed * slower)
        })
    }
  })
