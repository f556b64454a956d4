import { Clock, Effect, type Scope } from "effect"
import { alone, type SharedRate, SharedRates } from "./SharedRates.js"
import { Waits } from "./Waits.js"

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
  /** What else it counts: tokens, characters, seconds of audio. */
  readonly unitsPerMinute: number | undefined
  /** Requests at the same time. */
  readonly concurrency: number
  /** Between the beginnings of two requests, at least. */
  readonly spacingSeconds?: number | undefined
}

/** A turn in the account's traffic. */
export interface Turn {
  /** Sets the units that were really used in the place of those expected; 0 for a request that was refused. */
  readonly used: (units: number) => Effect.Effect<void>
}

/** Keeps everything that one account is asked, by whichever stage, within what it allows. */
export interface Limiter {
  /** Waits for one of the requests that may run at the same time, and holds it until the scope closes. */
  readonly place: Effect.Effect<void, never, Scope.Scope>
  /**
   * Waits for a turn, first come, first served. The request goes out at once after it.
   *
   * @param units expected
   */
  readonly turn: (units: number) => Effect.Effect<Turn>
  /** The account said no: everybody waits so long, and goes more slowly for a while. */
  readonly refused: (millis: number) => Effect.Effect<void>
}

/**
 * Providers count by the second: at 600 a minute the eleventh request in any second is refused. So requests are spaced evenly, a
 * little wider than allowed, whatever the provider's second begins with. What late timers lost of it, and a process that got no turn,
 * is caught up: `lost` seconds of requests, though never more of them in a second than are allowed, and `slack` seconds of units.
 */
const margin = 0.967
const lost = 0.25
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

/** When the last requests of a second went out, the oldest first: one more may follow when that one is a second old. */
const lastSecond = (perMinute: number) => {
  const sent = Array.from({ length: Math.max(1, Math.floor(perMinute / 60)) }, () => ({ at: -Infinity }))
  return {
    length: sent.length,
    oldest: () => sent[0]?.at ?? -Infinity,
    /** Adds one that has its turn. Whoever gets no turn of the processor just then sends it late: it counts from after that. */
    add: Effect.flatMap(now, (time) => {
      const one = { at: time }
      sent.shift()
      sent.push(one)
      return Effect.forkDaemon(
        Effect.zipRight(
          Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void))),
          Effect.map(now, (later) => (one.at = later))
        )
      )
    })
  }
}

/** How much slower everybody goes after a refusal, and how fast that is forgotten. */
const slower = 0.85
const recovery = 1.02

/**
 * A limiter for one account. With a name, its rates hold for all processes that work on one library; its places are each process's.
 *
 * @param account the name, the same in each process
 */
export const make = (limits: Limits, account?: string): Effect.Effect<Limiter> =>
  Effect.map(SharedRates, (rates) => unsafeMake(limits, account === undefined ? alone : rates.of(account)))

/** {@link make}, for whoever makes it outside of an effect. */
export const unsafeMake = (limits: Limits, shared: SharedRate = alone): Limiter => {
  const { concurrency, requestsPerMinute, spacingSeconds, unitsPerMinute } = limits
  const places = Effect.unsafeMakeSemaphore(concurrency)
  const line = Effect.unsafeMakeSemaphore(1)
  const requests = pace(requestsPerMinute)
  const spaced: Pace | undefined = spacingSeconds === undefined ? undefined : { perSecond: 1 / spacingSeconds, at: -Infinity }
  const units = pace(unitsPerMinute)
  const sent = lastSecond(requestsPerMinute ?? 0)
  let pausedUntil = -Infinity
  let speed = 1
  let warmAt = -Infinity
  let reservedFrom = -Infinity

  const ready = (): number =>
    Math.max(
      requests?.at ?? -Infinity,
      requests === undefined ? -Infinity : sent.oldest() + sent.length / (requests.perSecond * speed),
      spaced?.at ?? -Infinity,
      units?.at ?? -Infinity,
      pausedUntil,
      reservedFrom
    )

  const advance = (one: Pace | undefined, amount: number, from: number): void => {
    if (one !== undefined) one.at = Math.max(one.at, from) + amount / (one.perSecond * speed)
  }

  /** One at a time looks at the clock; a correction by others may move the time while it waits. */
  const wait: Effect.Effect<void> = Effect.flatMap(now, (time) => {
    const left = ready() - time
    return left <= 0 ? Effect.void : Effect.zipRight(Effect.sleep(Math.ceil(left * 1000)), wait)
  })

  const isLimited = requests !== undefined || spaced !== undefined || units !== undefined
  const secondsOf = (one: Pace | undefined, amount: number): number => (one === undefined ? 0 : amount / one.perSecond)

  /** The turn among all processes; within this one the clocks above space requests by when they really went out. */
  const reserve = (expected: number): Effect.Effect<void> =>
    !isLimited
      ? Effect.void
      : Effect.flatMap(now, (asked) => {
          const share = { requests: Math.max(secondsOf(requests, 1), secondsOf(spaced, 1)), units: secondsOf(units, expected) }
          return Effect.map(shared.reserve(share), (seconds) => {
            reservedFrom = asked + seconds
          })
        })

  const take = (expected: number) =>
    Effect.flatMap(Effect.all([Waits, now]), ([waits, asked]) =>
      waits.during(
        "turn",
        line.withPermits(1)(
          Effect.zipRight(
            Effect.zipRight(reserve(expected), wait),
            Effect.flatMap(now, (time) => {
              const due = Math.max(asked, ready())
              if (time - ready() > warming) warmAt = time + warming
              const isCold = time < warmAt
              advance(requests, isCold ? cold : 1, Math.max(due, time - (isCold ? slack : lost)))
              advance(spaced, speed, time)
              advance(units, expected, time - slack)
              return requests === undefined ? Effect.void : sent.add
            })
          )
        )
      )
    )

  const correct = (difference: number) =>
    Effect.map(now, (time) => {
      if (difference > 0) advance(units, difference, time - slack)
      else if (units !== undefined) units.at += difference / (units.perSecond * speed)
    })

  return {
    place: Effect.flatMap(Waits, (waits) => Effect.zipRight(waits.during("place", acquireScoped(places, 1)), waits.placed)),
    turn: (expected) =>
      Effect.map(take(expected), () => {
        let counted = expected
        return {
          used: (amount) =>
            Effect.suspend(() => {
              const difference = amount - counted
              counted = amount
              speed = Math.min(1, speed * recovery)
              if (units === undefined || difference === 0) return Effect.void
              return Effect.zipRight(correct(difference), shared.correct(secondsOf(units, difference)))
            })
        }
      }),
    refused: (millis) =>
      Effect.map(now, (time) => {
        pausedUntil = Math.max(pausedUntil, time + millis / 1000)
        speed = Math.max(0.25, speed * slower)
      })
  }
}
