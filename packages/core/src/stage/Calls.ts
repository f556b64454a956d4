import { Context, type Duration, Effect, Option, type Scope } from "effect"
import type { Money, Usage } from "./Cost.js"
import * as Failure from "./Failure.js"
import type { Json } from "./Json.js"

/** Why a paid call was not made, or how it ended without an answer. */
export class CallHeld extends Failure.Class<CallHeld>()("CallHeld", {
  CallInFlightAtCrash: {
    retry: "never",
    help: "The call may have been billed before a crash and the provider says `onAmbiguous: hold`; `spool requeue` pays for it again."
  },
  CallUnanswered: {
    retry: "never",
    help: "The call may have been billed, its answer never came, and its account says `onAmbiguous: hold`; `spool requeue` sends it again."
  },
  CallTimedOut: {
    retry: "now",
    help: "Run again: the answer took longer than the call's deadline, and another try may succeed."
  },
  BudgetReached: {
    billed: "no",
    retry: "later",
    help: "The work waits. Raise `budget` in the config (or `--max-cost`), in the currency that is paid, and run again, or wait for the next day or month."
  },
  PriceUnknown: {
    billed: "no",
    retry: "config",
    help: "Under a budget only calls with a price are made: set `price` under `providers.<name>.models.<model>`, or take the budget away."
  },
  CallNotRecorded: {
    retry: "later",
    billed: "no",
    help: "Check the state folder's disk: a call is made only when it and its reply can be written down."
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
  /** It costs something, and nobody knows how much: under a budget it is refused. */
  readonly isPriceUnknown?: boolean | undefined
  /** What to do with a call that may have been billed without an answer: its process died, or it failed after it had been sent. */
  readonly onAmbiguous: "retry" | "hold"
  /** How long the answer may take. Default 15 minutes. */
  readonly deadline?: Duration.DurationInput | undefined
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
   *
   * A request that was begun outlives its caller: when the stage is interrupted, or another of its calls fails, the request goes on
   * until its deadline, and its reply is there for the next try. A failure leaves the call on record as one that may have been billed,
   * unless its row in the failure table says `billed: "no"`; `onAmbiguous` then decides whether it is sent again.
   *
   * @param prepare what the request has to wait for (a rate limit, a file to be cut): run once, only when the call wasn't answered
   * before, and before the intent is committed, so that a crash while it waits leaves nothing in doubt. What it acquires is released
   * when the request has ended
   */
  readonly call: <E, R, E2 = never, R2 = never>(
    call: Call,
    request: Effect.Effect<Reply, E, R>,
    prepare?: Effect.Effect<unknown, E2, R2>
  ) => Effect.Effect<Reply, E | E2 | CallHeld, Exclude<R | R2, Scope.Scope>>
  /** A decision that later calls rest on (a window plan): made once, committed, then always the same. */
  readonly decide: <E, R>(
    identity: { readonly [key: string]: Json },
    decide: Effect.Effect<string, E, R>
  ) => Effect.Effect<string, E, R>
}

/** Paid calls, remembered by the runner. Outside of one nothing is remembered. */
export class Calls extends Context.Reference<Calls>()("@mediaspool/core/Calls", {
  defaultValue: (): Service => ({
    call: (_, request, prepare = Effect.void) => Effect.scoped(Effect.zipRight(prepare, request)),
    decide: (_, decide) => decide
  })
}) {
  /**
   * Asks about every item, several at a time, and gives the answers in the items' order. After a failure nothing new is asked, but what
   * is under way is waited for; then it fails with the first failure, and the next try asks only what is missing.
   *
   * @example
   * const replies = yield* Calls.each(windows, (window) => calls.call(callOf(window), ask(window)), { concurrency: 4 })
   */
  static readonly each = <A, B, E, R>(
    items: Iterable<A>,
    ask: (item: A, index: number) => Effect.Effect<B, E, R>,
    options: { readonly concurrency: number }
  ): Effect.Effect<ReadonlyArray<B>, E, R> =>
    Effect.suspend(() => {
      let failed = false
      const one = (item: A, index: number) =>
        Effect.suspend(() => (failed ? Effect.succeedNone : Effect.asSome(ask(item, index)))).pipe(
          Effect.tapError(() => Effect.sync(() => void (failed = true))),
          Effect.either
        )
      return Effect.flatMap(Effect.forEach(items, one, options), (settled) =>
        Effect.map(
          Effect.forEach(settled, (result) => result),
          (answers) => answers.flatMap(Option.toArray)
        )
      )
    })
}
