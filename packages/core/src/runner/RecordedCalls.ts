import { Cause, Deferred, Effect, Schedule } from "effect"
import * as Canonical from "../pipeline/Canonical.js"
import { sha256 } from "../pipeline/Digest.js"
import { type Call, CallHeld, type Reply, type Service as Calls } from "../stage/Calls.js"
import type { Money, Usage } from "../stage/Cost.js"
import type { Json } from "../stage/Json.js"
import type { CallLog, CallOrigin, Known } from "../store/CallLog.js"
import { crashPoint } from "../store/CrashPoint.js"
import type { ProcessLock } from "../store/ProcessLock.js"
import type { StoreError } from "../store/StoreError.js"
import type { StopSignal } from "./StopSignal.js"

/** Told what an answer cost; replayed answers cost nothing. */
export type Pay = (usage: Usage | undefined, price: Money | undefined) => void

/** How often a caller that is to stop looks whether its requests are answered. */
const LEAVE_AGAIN = "20 millis"
/** How often another process's call is looked after. */
const LOOK_AGAIN = "200 millis"
/** A reply that is paid for, and that even the room laid aside doesn't take, is worth some tries. */
const KEEP_TRYING = Schedule.exponential("100 millis").pipe(Schedule.intersect(Schedule.recurs(8)))

export interface RecordedCalls {
  /**
   * Calls for whoever is at work when they are made. None is begun once they are asked to stop: the caller is interrupted instead,
   * when its requests under way have been answered.
   */
  readonly of: (origin: () => CallOrigin, meter: () => Pay, stop?: StopSignal) => Calls
  /** Takes over what dead owners were answered. */
  readonly adopt: Effect.Effect<void, StoreError>
}

const identityOf = (identity: { readonly [key: string]: Json }): Effect.Effect<string, never> =>
  // Identities are made by stages' own code of plain JSON; one that isn't is a defect of the stage.
  Effect.orDie(Canonical.stringify(identity))

const notRecorded = (error: StoreError) => new CallHeld({ code: "CallNotRecorded", detail: error.detail })

/** Intent committed → request → reply committed: what makes a paid call happen once. */
export const make = (log: CallLog["Type"], owner: ProcessLock["Type"]): RecordedCalls => {
  /** Requests under way in this process, and decisions being made. */
  const singleFlight = new Map<string, Deferred.Deferred<void>>()

  /** Lets one fiber at a time do something about a key; the others look again when it has. */
  const alone = <A, E, R>(
    key: string,
    look: Effect.Effect<A | undefined, E, R>,
    act: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const flight = singleFlight.get(key)
      if (flight !== undefined) return Effect.zipRight(Deferred.await(flight), alone(key, look, act))
      return Effect.acquireUseRelease(
        Effect.tap(Deferred.make<void>(), (mine) => Effect.sync(() => singleFlight.set(key, mine))),
        () => Effect.flatMap(look, (found) => (found === undefined ? act : Effect.succeed(found))),
        (mine) =>
          Effect.zipRight(
            Effect.sync(() => singleFlight.delete(key)),
            Deferred.succeed(mine, undefined)
          )
      )
    })

  const find = (key: string) =>
    Effect.mapError(
      Effect.try({ try: () => log.find(key), catch: (cause) => cause }),
      (cause) => new CallHeld({ code: "CallNotRecorded", detail: String(cause) })
    )

  /** What to do about a call that was sent, when no answer is in the database. */
  const ambiguous = (
    key: string,
    call: Call,
    sender: string,
    again: (replaces: string | undefined) => Effect.Effect<Reply | undefined, CallHeld>
  ): Effect.Effect<Reply | undefined, CallHeld> =>
    sender !== owner.id && owner.lives(sender)
      ? Effect.zipRight(Effect.sleep(LOOK_AGAIN), again(undefined))
      : Effect.flatMap(Effect.zipRight(Effect.mapError(log.adopt, notRecorded), find(key)), (known) =>
          known?._tag === "Answered"
            ? Effect.succeed(known.reply)
            : call.onAmbiguous === "retry"
              ? again(sender)
              : Effect.fail(
                  new CallHeld({
                    code: "CallInFlightAtCrash",
                    detail: `a call to ${call.model} at ${call.account} was in flight when the process died`
                  })
                )
        )

  /** Commits the intent: `undefined` when it stands, or the reply that somebody else got. */
  const intend = (
    key: string,
    identity: string,
    call: Call,
    origin: CallOrigin,
    replaces: string | undefined
  ): Effect.Effect<Reply | undefined, CallHeld> => {
    const met = (known: Known | undefined): Effect.Effect<Reply | undefined, CallHeld> =>
      known === undefined
        ? Effect.succeed(undefined)
        : known._tag === "Answered"
          ? Effect.succeed(known.reply)
          : ambiguous(key, call, known.owner, (replaces) => intend(key, identity, call, origin, replaces))
    return Effect.flatMap(Effect.mapError(log.send({ key, identity, call, origin, replaces }), notRecorded), met)
  }

  const recorded = (originNow: () => CallOrigin, meterNow: () => Pay, stop: StopSignal | undefined): Calls["call"] => {
    let underWay = 0
    const leave: Effect.Effect<never> = Effect.suspend(() =>
      underWay === 0 ? Effect.interrupt : Effect.zipRight(Effect.sleep(LEAVE_AGAIN), leave)
    )
    return (call, request, ready = Effect.void) =>
      Effect.flatMap(identityOf(call.identity), (identity) => {
        const origin = originNow()
        const pay = meterNow()
        const key = sha256(identity)
        const look = Effect.map(find(key), (known) => (known?._tag === "Answered" ? known.reply : undefined))
        const asked = Effect.suspend(() => {
          crashPoint("request")
          return request
        }).pipe(
          // A request that failed came to nothing. One that was interrupted may be under way at the provider: the intent stays.
          Effect.tapErrorCause((cause) =>
            Cause.isFailure(cause) && !Cause.isInterrupted(cause) ? Effect.ignore(log.withdraw(key)) : Effect.void
          )
        )
        const keep = (reply: Reply) => {
          pay(reply.usage, reply.price ?? call.estimate)
          return Effect.as(Effect.mapError(Effect.retry(log.answer(key, reply), KEEP_TRYING), notRecorded), reply)
        }
        // Nothing comes between a reply and the writing of it.
        const sent = Effect.uninterruptibleMask((restore) => Effect.flatMap(restore(asked), keep))
        const begin =
          stop === undefined
            ? ready
            : Effect.suspend(() => (stop.asked ? leave : Effect.raceFirst(ready, Effect.zipRight(stop.when, leave))))
        const act = Effect.zipRight(
          begin,
          Effect.acquireUseRelease(
            Effect.sync(() => underWay++),
            () =>
              Effect.flatMap(intend(key, identity, call, origin, undefined), (known) =>
                known === undefined ? sent : Effect.succeed(known)
              ),
            () => Effect.sync(() => underWay--)
          )
        )
        return alone(key, look, act)
      })
  }

  const decide: Calls["decide"] = (identity, make) =>
    Effect.flatMap(identityOf(identity), (identity) => {
      const key = sha256(identity)
      return alone(
        key,
        Effect.sync(() => log.decision(key)),
        // A decision that can't be kept can't be rested on.
        Effect.flatMap(make, (value) => Effect.orDie(log.decide(key, identity, value)))
      )
    })

  return { of: (origin, meter, stop) => ({ call: recorded(origin, meter, stop), decide }), adopt: log.adopt }
}
