import { Cause, Deferred, Duration, Effect, Exit, Fiber, FiberId, FiberSet, Option, Schedule, Scope } from "effect"
import * as Canonical from "../pipeline/Canonical.js"
import { sha256 } from "../pipeline/Digest.js"
import { type Call, CallHeld, type Reply, type Service as Calls } from "../stage/Calls.js"
import type { Money, Usage } from "../stage/Cost.js"
import * as Failure from "../stage/Failure.js"
import type { Json } from "../stage/Json.js"
import type { CallLog, CallOrigin, Known } from "../store/CallLog.js"
import { crashPoint } from "../store/CrashPoint.js"
import type { ProcessLock } from "../store/ProcessLock.js"
import type { StoreError } from "../store/StoreError.js"
import type { BudgetGuard } from "./BudgetGuard.js"
import type { StopSignal } from "./StopSignal.js"

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Told what an answer cost; replayed answers cost nothing. */
export type Pay = (usage: Usage | undefined, price: Money | undefined) => void

/** How long an answer may take whose call doesn't say. */
const DEADLINE = "15 minutes"
/** How often another process's call is looked after. */
const LOOK_AGAIN = "200 millis"
/** A reply that is paid for, and that even the room laid aside doesn't take, is worth some tries. */
const KEEP_TRYING = Schedule.exponential("100 millis").pipe(Schedule.intersect(Schedule.recurs(8)))

export interface RecordedCalls {
  /** Calls for whoever is at work when they are made. None is begun once they are asked to stop: the caller is interrupted instead. */
  readonly of: (origin: () => CallOrigin, meter: () => Pay, stop?: StopSignal, budget?: BudgetGuard) => Calls
  /** Waits for the answers to the requests of a run whose callers didn't wait: each comes, or not, within its deadline. */
  readonly settled: (run: number | undefined) => Effect.Effect<void>
  /** Takes over what dead owners were answered. */
  readonly adopt: Effect.Effect<void, StoreError>
}

const identityOf = (identity: { readonly [key: string]: Json }): Effect.Effect<string, never> =>
  // Identities are made by stages' own code of plain JSON; one that isn't is a defect of the stage.
  Effect.orDie(Canonical.stringify(identity))

const notRecorded = (error: StoreError) => new CallHeld({ code: "CallNotRecorded", detail: error.detail })

/** Whether a failure says that nothing was billed: the request was refused, or never left. */
export const isUnbilled = (error: unknown): boolean =>
  (Failure.is(error) && error.billed === "no") ||
  // Of the platform's client: a body or a URL that is none is never sent.
  (typeof error === "object" &&
    error !== null &&
    "_tag" in error &&
    error._tag === "RequestError" &&
    "reason" in error &&
    error.reason !== "Transport")

const unanswered = ({ account, model }: Call, error: unknown) =>
  new CallHeld({
    code: "CallUnanswered",
    detail: `a call to ${model} at ${account} may have been billed: ${error instanceof Error ? error.message : String(error)}`
  })

/**
 * Intent committed → request → reply committed: what makes a paid call happen once. Requests run in the scope, not in their callers:
 * who is interrupted leaves, and the reply is recorded all the same.
 */
export const make = (log: CallLog["Type"], owner: ProcessLock["Type"]): Effect.Effect<RecordedCalls, never, Scope.Scope> =>
  Effect.map(FiberSet.make<unknown, unknown>(), (requests) => from(log, owner, requests))

const from = (log: CallLog["Type"], owner: ProcessLock["Type"], requests: FiberSet.FiberSet<unknown, unknown>): RecordedCalls => {
  /** Requests under way, by the run that they are for. */
  const underWay = new Map<number | undefined, Set<Fiber.RuntimeFiber<unknown, unknown>>>()
  /** Requests under way in this process, and decisions being made. */
  const singleFlight = new Map<string, Deferred.Deferred<void>>()

  /**
   * Lets one fiber at a time do something about a key; the others look again when it has.
   *
   * @param act ends the claim itself by `release`, in time or later; what others may interrupt stands in `restore`
   */
  const claim = <A, E, R>(
    key: string,
    look: Effect.Effect<A | undefined, E, R>,
    act: (restore: Restore, release: Effect.Effect<void>) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> =>
    Effect.uninterruptibleMask((restore) => {
      const flight = singleFlight.get(key)
      if (flight !== undefined) return restore(Effect.zipRight(Deferred.await(flight), claim(key, look, act)))
      const mine = Deferred.unsafeMake<void>(FiberId.none)
      singleFlight.set(key, mine)
      const release = Effect.sync(() => {
        singleFlight.delete(key)
        Deferred.unsafeDone(mine, Effect.void)
      })
      return Effect.flatMap(
        Effect.onError(restore(look), () => release),
        (found) => (found === undefined ? act(restore, release) : Effect.as(release, found))
      )
    })

  /** Runs a request on its own; its caller waits for it, and may leave. */
  const onItsOwn = <A, E, R>(
    run: number | undefined,
    request: Effect.Effect<A, E, R>,
    restore: Restore
  ): Effect.Effect<A, E, R> =>
    Effect.gen(function* () {
      const fiber = yield* FiberSet.run(requests, Effect.interruptible(request))
      const others = underWay.get(run) ?? new Set()
      underWay.set(run, others.add(fiber))
      fiber.addObserver(() => {
        others.delete(fiber)
        if (others.size === 0) underWay.delete(run)
      })
      return yield* restore(Fiber.join(fiber))
    })

  const settled = (run: number | undefined): Effect.Effect<void> =>
    Effect.suspend(() => Effect.asVoid(Fiber.awaitAll(underWay.get(run) ?? [])))

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

  /** What becomes of a call whose request failed. */
  const met = <E>(key: string, call: Call, cause: Cause.Cause<E>): Effect.Effect<never, E | CallHeld> => {
    const error: unknown = Option.getOrUndefined(Option.orElse(Cause.failureOption(cause), () => Cause.dieOption(cause)))
    if (error !== undefined && isUnbilled(error))
      return Effect.zipRight(Effect.ignore(log.withdraw(key)), Effect.failCause(cause))
    // It may be under way at the provider, or billed: the intent stays.
    const holds = call.onAmbiguous === "hold" && !Cause.isInterruptedOnly(cause)
    return holds ? Effect.fail(unanswered(call, error ?? Cause.squash(cause))) : Effect.failCause(cause)
  }

  const recorded =
    (
      originNow: () => CallOrigin,
      meterNow: () => Pay,
      stop: StopSignal | undefined,
      budget: BudgetGuard | undefined
    ): Calls["call"] =>
    (call, request, ready = Effect.void) =>
      Effect.flatMap(identityOf(call.identity), (identity) => {
        const origin = originNow()
        const pay = meterNow()
        const key = sha256(identity)
        const look = Effect.map(find(key), (known) => (known?._tag === "Answered" ? known.reply : undefined))
        const deadline = Duration.decode(call.deadline ?? DEADLINE)
        const asked = Effect.suspend(() => {
          crashPoint("request")
          return request
        }).pipe(
          Effect.timeoutFail({
            duration: deadline,
            onTimeout: () => new CallHeld({ code: "CallTimedOut", detail: `no answer for ${Duration.format(deadline)}` })
          })
        )
        const keep = (reply: Reply) => {
          pay(reply.usage, reply.price ?? call.estimate)
          return Effect.as(Effect.mapError(Effect.retry(log.answer(key, reply), KEEP_TRYING), notRecorded), reply)
        }
        // Nothing comes between a reply and the writing of it.
        const sent = Effect.uninterruptibleMask((restore) =>
          Effect.matchCauseEffect(restore(asked), { onFailure: (cause) => met(key, call, cause), onSuccess: keep })
        )
        const intended = Effect.flatMap(intend(key, identity, call, origin, undefined), (known) =>
          known === undefined ? sent : Effect.succeed(known)
        )
        const begin =
          stop === undefined
            ? ready
            : Effect.suspend(() =>
                stop.asked ? Effect.interrupt : Effect.raceFirst(ready, Effect.zipRight(stop.when, Effect.interrupt))
              )
        const admitted = budget === undefined ? begin : Effect.zipRight(begin, budget.admit(call))
        return claim(key, look, (restore, release) =>
          Effect.flatMap(Scope.make(), (scope) => {
            const ended = (exit: Exit.Exit<unknown, unknown>) => Effect.zipRight(Scope.close(scope, exit), release)
            return Effect.zipRight(
              Effect.onError(restore(Scope.extend(admitted, scope)), (cause) => ended(Exit.failCause(cause))),
              onItsOwn(origin.run, Effect.onExit(Scope.extend(intended, scope), ended), restore)
            )
          })
        )
      })

  const decide: Calls["decide"] = (identity, make) =>
    Effect.flatMap(identityOf(identity), (identity) => {
      const key = sha256(identity)
      const look = Effect.sync(() => log.decision(key))
      // A decision that can't be kept can't be rested on.
      const decided = Effect.flatMap(make, (value) => Effect.orDie(log.decide(key, identity, value)))
      return claim(key, look, (restore, release) => Effect.ensuring(restore(decided), release))
    })

  return {
    of: (origin, meter, stop, budget) => ({ call: recorded(origin, meter, stop, budget), decide }),
    settled,
    adopt: log.adopt
  }
}
