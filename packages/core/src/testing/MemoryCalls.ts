import { Effect, Either } from "effect"
import * as Canonical from "../pipeline/Canonical.js"
import type { Call, Calls, Reply } from "../stage/Calls.js"
import type { Json } from "../stage/Json.js"

export interface MemoryCalls {
  readonly service: Calls["Type"]
  /** Every call that was made, and so paid, in order; a replayed one isn't made. */
  readonly made: ReadonlyArray<{ readonly call: Call; readonly reply: Reply }>
}

/**
 * Remembers replies and decisions as a run does, over several runs of one test.
 *
 * @param dieAfter interrupts the run when so many replies have been kept
 */
export const make = (dieAfter: number | undefined): MemoryCalls => {
  const made: Array<{ readonly call: Call; readonly reply: Reply }> = []
  const replies = new Map<string, Reply>()
  const decisions = new Map<string, string>()
  const key = (identity: { readonly [key: string]: Json }) =>
    Either.getOrElse(Canonical.stringify(identity), () => JSON.stringify(identity))
  return {
    made,
    service: {
      call: (call, request) =>
        Effect.suspend(() => {
          const known = replies.get(key(call.identity))
          if (known !== undefined) return Effect.succeed(known)
          return Effect.tap(request, (reply) => {
            replies.set(key(call.identity), reply)
            made.push({ call, reply })
            return made.length === dieAfter ? Effect.interrupt : Effect.void
          })
        }),
      decide: (identity, decide) =>
        Effect.suspend(() => {
          const known = decisions.get(key(identity))
          return known === undefined
            ? Effect.tap(decide, (decision) => void decisions.set(key(identity), decision))
            : Effect.succeed(known)
        })
    }
  }
}
