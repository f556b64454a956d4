import { Context, Effect } from "effect"
import type { Money, Usage } from "./Cost.js"
import * as Failure from "./Failure.js"
import type { Json } from "./Json.js"

export class CallHeld extends Failure.Class<CallHeld>()("CallHeld", {
  CallInFlightAtCrash: {
    retry: "never",
    help: "The call may have been billed before a crash and the provider says `onAmbiguous: hold`; `spool requeue` pays for it again."
  },
  CallNotRecorded: {
    retry: "later",
    help: "Look at the state folder's disk: a call is made only when it, and its reply, can be written down."
  }
}) {}

/** A paid request, known by everything that its answer depends on. */
export interface Call {
  /** Authority, model, prompt, parameters, the audio's identity and window: never a URL, an alias or a key. */
  readonly identity: { readonly [key: string]: Json }
  /** The account that pays, for the run log: `dashscope-intl`. */
  readonly account: string
  readonly model: string
  /** What it should cost; the reply's price replaces it. */
  readonly estimate?: Money | undefined
  /** What to do with a call that was in flight when the process died. */
  readonly onAmbiguous: "retry" | "hold"
}

/** A reply as it came, before anybody parsed it. */
export interface Reply {
  readonly body: string
  readonly requestId?: string | undefined
  readonly usage?: Usage | undefined
  readonly price?: Money | undefined
}

/** What must not be paid, or decided, twice. */
export interface Service {
  /**
   * Intent committed → `request` → reply committed → reply given. A call that was answered before, by any run or pipeline, is replayed.
   * A request that fails before it was sent leaves nothing.
   *
   * @param prepare what the request has to wait for (a rate limit, a file to be cut): run once, only when the call wasn't answered
   * before, and before the intent is committed, so that a crash while it waits leaves nothing in doubt
   */
  readonly call: <E, R>(
    call: Call,
    request: Effect.Effect<Reply, E, R>,
    prepare?: Effect.Effect<unknown, E, R>
  ) => Effect.Effect<Reply, E | CallHeld, R>
  /** A decision that later calls rest on (a window plan): made once, committed, then always the same. */
  readonly decide: <E, R>(
    identity: { readonly [key: string]: Json },
    decide: Effect.Effect<string, E, R>
  ) => Effect.Effect<string, E, R>
}

/** Outside a runner nothing is remembered. */
export class Calls extends Context.Reference<Calls>()("@mediaspool/core/Calls", {
  defaultValue: (): Service => ({
    call: (_, request, prepare = Effect.void) => Effect.zipRight(prepare, request),
    decide: (_, decide) => decide
  })
}) {}
