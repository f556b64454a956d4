import { Clock, Deferred, Duration, Effect, FiberId } from "effect"
import type { StageFailure } from "../stage/Failure.js"

/** The wait before the first probe of a service that doesn't say how long; doubled after every probe that fails. */
const FIRST_PROBE_MILLIS = 500
const LONGEST_PROBE_MILLIS = 60_000
/** A service that says when it will be back is taken at its word for so long; then it is tried all the same. */
const LONGEST_WORD_MILLIS = 3 * 60_000

/** A service that is away. */
export interface OutageState {
  readonly failure: StageFailure
  /** Milliseconds since 1970. */
  readonly since: number
  /** When one request tries it again; `undefined` while one does. */
  readonly probeAt: number | undefined
  /** How many wait for it. */
  readonly waiting: number
}

/**
 * Stands before an outside service. While the service is away, one request at a time is let through to try it,
 * and everybody else waits, in their place, for as long as their patience.
 */
export interface Breaker {
  /** The failure that said that the service is away; `undefined` while it is there. */
  readonly why: () => StageFailure | undefined
  /** The outage that goes on, for people. */
  readonly outage: () => OutageState | undefined
  /** `true`: go on. `false`: the service is still away, and patience, counted from the start of the outage, is at its end. */
  readonly pass: (patience: Duration.Duration) => Effect.Effect<boolean>
  /** A request came to this. Whoever passed must say so. */
  readonly away: (failure: StageFailure) => Effect.Effect<void>
  /** A request was answered, if only by a refusal. Free while the service is there. */
  readonly there: () => void
  /** A request was given up before anybody knows. */
  readonly abandon: () => void
  /** A person says that the service may be back: the next request tries it. */
  readonly retry: () => void
}

export interface Listener {
  readonly closed: (failure: StageFailure, probeInMillis: number) => void
  readonly opened: () => void
}

interface Outage {
  readonly failure: StageFailure
  readonly since: number
  readonly probes: number
  readonly probeAt: number
  probing: boolean
  /** Done when something changes. */
  readonly change: Deferred.Deferred<void>
}

/** Milliseconds since 1970, of a clock that nobody sets meanwhile. */
const monotonicMillis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000n) / 1_000)

export const make = (listener: Listener): Breaker => {
  let outage: Outage | undefined
  let waiting = 0

  const change = (next: Outage | undefined) => {
    const last = outage
    outage = next
    if (last !== undefined) Deferred.unsafeDone(last.change, Effect.void)
  }

  const pass = (patience: Duration.Duration): Effect.Effect<boolean> =>
    Effect.suspend(() => (outage === undefined ? Effect.succeed(true) : wait(outage, patience)))

  const wait = (seen: Outage, patience: Duration.Duration): Effect.Effect<boolean> =>
    Effect.flatMap(monotonicMillis, (now) => {
      if (outage !== seen) return pass(patience)
      if (now >= seen.probeAt && !seen.probing) {
        seen.probing = true
        return Effect.succeed(true)
      }
      // What is left of patience counts from the outage's start: who comes late doesn't wait anew.
      const left = seen.since + Duration.toMillis(patience) - now
      if (left <= 0) return Effect.succeed(false)
      const until = seen.probing ? left : Math.min(left, seen.probeAt - now)
      return Effect.zipRight(waited(Effect.race(Deferred.await(seen.change), Effect.sleep(until))), pass(patience))
    })

  const waited = (wait: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.acquireUseRelease(
      Effect.sync(() => void waiting++),
      () => wait,
      () => Effect.sync(() => void waiting--)
    )

  return {
    why: () => outage?.failure,
    outage: () =>
      outage && { failure: outage.failure, since: outage.since, probeAt: outage.probing ? undefined : outage.probeAt, waiting },
    pass,
    away: (failure) =>
      Effect.map(monotonicMillis, (now) => {
        const probes = outage === undefined ? 0 : outage.probing ? outage.probes + 1 : outage.probes
        const backoff = Math.min(LONGEST_PROBE_MILLIS, FIRST_PROBE_MILLIS * 2 ** probes)
        // Our own wait is the least: a service that says "at once" again and again would be asked without end.
        const probeIn = Math.max(backoff, Math.min(LONGEST_WORD_MILLIS, failure.retryAfterMillis ?? 0))
        change({
          failure,
          since: outage?.since ?? now,
          probes,
          // Requests that were under way when it went away all come back with bad news: the first counts.
          probeAt: outage !== undefined && !outage.probing ? outage.probeAt : now + probeIn,
          probing: false,
          change: Deferred.unsafeMake(FiberId.none)
        })
        listener.closed(failure, probeIn)
      }),
    there: () => {
      if (outage === undefined) return
      change(undefined)
      listener.opened()
    },
    retry: () => {
      if (outage !== undefined && !outage.probing)
        change({ ...outage, probes: 0, probeAt: 0, change: Deferred.unsafeMake(FiberId.none) })
    },
    abandon: () => {
      if (outage?.probing === true) change({ ...outage, probing: false, change: Deferred.unsafeMake(FiberId.none) })
    }
  }
}

/** The breakers of a process: all its runs know of an outage. */
export interface Breakers {
  /** By resource, made when it is met. */
  readonly of: (resource: string) => Breaker
  /** {@link Breaker.retry} for every service that is away. */
  readonly retry: () => void
}

export const makeAll = (listener: (resource: string) => Listener): Breakers => {
  const breakers = new Map<string, Breaker>()
  return {
    of: (resource) => {
      const known = breakers.get(resource)
      if (known !== undefined) return known
      const made = make(listener(resource))
      breakers.set(resource, made)
      return made
    },
    retry: () => breakers.forEach((breaker) => breaker.retry())
  }
}
