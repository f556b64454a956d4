import { Cause, Deferred, Effect, Either, Exit, Fiber, FiberSet, Option, Scope } from "effect"
import * as Canonical from "../pipeline/Canonical.js"
import { isUnbilled } from "../runner/RecordedCalls.js"
import { type Call, CallHeld, type Calls, type Reply } from "../stage/Calls.js"
import type { Json } from "../stage/Json.js"

/** Calls that are remembered as long as a test lasts. */
export interface MemoryCalls {
  readonly service: Calls["Type"]
  /** Every call that was made, and so paid, in order; a replayed one isn't made. */
  readonly made: ReadonlyArray<{ readonly call: Call; readonly reply: Reply }>
}

/**
 * Remembers replies and decisions as a run does, over several runs of one test. A request outlives its caller, until the scope ends.
 *
 * @param dieAfter interrupts the run when so many replies have been kept
 */
export const make = (dieAfter: number | undefined): Effect.Effect<MemoryCalls, never, Scope.Scope> =>
  Effect.gen(function* () {
    const made: Array<{ readonly call: Call; readonly reply: Reply }> = []
    const replies = new Map<string, Reply>()
    /** Sent, and perhaps billed, without an answer. */
    const unanswered = new Set<string>()
    const decisions = new Map<string, string>()
    const underWay = new Map<string, Deferred.Deferred<void>>()
    const requests = yield* FiberSet.make<unknown, unknown>()
    const key = (identity: { readonly [key: string]: Json }) =>
      Either.getOrElse(Canonical.stringify(identity), () => JSON.stringify(identity))

    const send = <E, R>(id: string, call: Call, request: Effect.Effect<Reply, E, R>): Effect.Effect<Reply, E, R> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const mine = yield* Deferred.make<void>()
          underWay.set(id, mine)
          const kept = Effect.tap(request, (reply) => {
            replies.set(id, reply)
            made.push({ call, reply })
          }).pipe(
            Effect.tapErrorCause((cause) =>
              Effect.sync(() => void (isUnbilled(Option.getOrUndefined(Cause.failureOption(cause))) || unanswered.add(id)))
            ),
            Effect.ensuring(
              Effect.suspend(() => {
                underWay.delete(id)
                return Deferred.succeed(mine, undefined)
              })
            )
          )
          return yield* restore(Fiber.join(yield* FiberSet.run(requests, Effect.interruptible(kept))))
        })
      )

    const ask: Calls["Type"]["call"] = (call, request, prepare = Effect.void) =>
      Effect.suspend(() => {
        const id = key(call.identity)
        const known = replies.get(id)
        if (known !== undefined) return Effect.succeed(known)
        if (call.onAmbiguous === "hold" && unanswered.has(id))
          return new CallHeld({ code: "CallUnanswered", detail: `the call to ${call.account} was sent and had no answer` })
        const other = underWay.get(id)
        if (other !== undefined) return Effect.zipRight(Deferred.await(other), ask(call, request, prepare))
        return Effect.flatMap(Scope.make(), (scope) =>
          Effect.zipRight(
            Effect.onError(Scope.extend(prepare, scope), (cause) => Scope.close(scope, Exit.failCause(cause))),
            send(
              id,
              call,
              Effect.onExit(Scope.extend(request, scope), (exit) => Scope.close(scope, exit))
            )
          )
        ).pipe(Effect.tap(() => (made.length === dieAfter ? Effect.interrupt : Effect.void)))
      })

    return {
      made,
      service: {
        call: ask,
        decide: (identity, decide) =>
          Effect.suspend(() => {
            const known = decisions.get(key(identity))
            return known === undefined
              ? Effect.tap(decide, (decision) => void decisions.set(key(identity), decision))
              : Effect.succeed(known)
          })
      }
    }
  })
