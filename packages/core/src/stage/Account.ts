import { Context, Effect, Option, Schema, type Scope } from "effect"
import * as Budget from "./Budget.js"
import { type Call, type CallHeld, Calls, type Reply } from "./Calls.js"
import * as Failure from "./Failure.js"
import * as Field from "./Field.js"
import * as Limiter from "./Limiter.js"
import { Node } from "./Node.js"
import { Settings } from "./Settings.js"
import { SharedRates } from "./SharedRates.js"

/** What a call of an account may fail with. */
export class AccountError extends Failure.Class<AccountError>()("AccountError", {
  AccountUnknown: {
    retry: "now",
    billed: "no",
    help: "Describe the account under `accounts` in the config: what it allows in a minute, and at the same time."
  }
}) {}

/** What an account at an outside service allows, as the config writes it. */
const AccountSettings = Schema.Struct({
  rpm: Field.maybe(Schema.Positive, "Requests a minute that the account allows"),
  units: Field.maybe(
    Schema.Positive,
    "Units a minute that the account allows, as its plugin counts them: tokens, characters, seconds of audio"
  ),
  concurrency: Field.withDefault(Schema.Int.pipe(Schema.positive()), 4, "Requests at the same time"),
  spacing: Field.maybe(Schema.Positive, "Seconds between the beginnings of two requests, at least"),
  budget: Field.maybe(Budget.Budget, "What all calls of the account may cost; reached, its work waits")
}).annotations({ identifier: "Account" })
type AccountSettings = typeof AccountSettings.Type

/** The config's section `accounts`: accounts by the name that plugins ask for. */
export const section = {
  name: "accounts",
  schema: Schema.Record({ key: Schema.String, value: AccountSettings })
}

const decode = Schema.validateOption(Schema.typeSchema(section.schema))

/**
 * The budgets of the config's accounts, for the plans that use them.
 *
 * @param written the section `accounts`, as core has decoded it
 */
export const budgetsOf = (written: unknown): ReadonlyArray<Budget.PlanBudget> =>
  Object.entries(Option.getOrElse(decode(written), () => ({}))).flatMap(([name, { budget }]) =>
    budget === undefined ? [] : [Budget.make(`budget:${name}`, name, budget)]
  )

/**
 * An account of the config, kept in one place for all plugins, stages and pipelines of a process. Its rates and its budget hold for all
 * processes that work on one library.
 */
export interface Account {
  readonly name: string
  /**
   * `Calls.call` within what the account allows: it waits for a place and a turn before the intent is written. A refusal (a `later`
   * failure that says `billed: "no"`) makes everybody wait, as long as its `retryAfterMillis` says, and go more slowly for a while.
   *
   * @param units that the request should use, as the plugin counts them; default 1
   */
  readonly call: <E, R>(
    call: Omit<Call, "account">,
    request: Effect.Effect<Reply, E, R>,
    units?: number
  ) => Effect.Effect<Reply, E | CallHeld, Exclude<R, Scope.Scope>>
  /** The same for a request that costs nothing, and isn't recorded. */
  readonly request: <A, E, R>(request: Effect.Effect<A, E, R>, units?: number) => Effect.Effect<A, E, Exclude<R, Scope.Scope>>
}

/** The limiters of the process, by account. One whose settings were edited begins anew. */
export class AccountLimiters extends Context.Reference<AccountLimiters>()("@mediaspool/core/AccountLimiters", {
  defaultValue: () => {
    const limiters = new Map<
      string,
      { readonly settings: string; readonly rates: SharedRates["Type"]; readonly limiter: Limiter.Limiter }
    >()
    return {
      of: (name: string, settings: AccountSettings, rates: SharedRates["Type"]): Limiter.Limiter => {
        const { concurrency, rpm, spacing, units } = settings
        const written = JSON.stringify({ concurrency, rpm, spacing, units })
        const known = limiters.get(name)
        if (known?.settings === written && known.rates === rates) return known.limiter
        const limiter = Limiter.unsafeMake(
          { requestsPerMinute: rpm, unitsPerMinute: units, concurrency, spacingSeconds: spacing },
          rates.of(`account:${name}`)
        )
        limiters.set(name, { settings: written, rates, limiter })
        return limiter
      }
    }
  }
}) {}

/** Milliseconds that everybody waits after a refusal that doesn't say how long. */
const USUAL_WAIT = 1000
/** Longer than this nobody waits here: the breaker of the stage's `resource` is for that. */
const LONGEST_WAIT = 60_000

/** The name under which a stage's breaker is opened: `resource: () => Account.resource("asr")`. */
export const resource = (name: string): string => `account:${name}`

/**
 * The account of this name in the config.
 *
 * @example
 * const account = yield* Account.named("asr")
 * const { body } = yield* account.call({ identity, model: "asr-2", onAmbiguous: "retry" }, ask(window), window.seconds)
 */
export const named = (name: string): Effect.Effect<Account, AccountError, Settings> =>
  Effect.gen(function* () {
    const accounts = yield* Settings.read(section)
    const settings = Object.hasOwn(accounts, name) ? accounts[name] : undefined
    if (settings === undefined) {
      const known = Object.keys(accounts).join(", ")
      const { plugin } = yield* Node
      return yield* new AccountError({
        code: "AccountUnknown",
        detail: `${plugin === undefined ? "" : `the plugin '${plugin}' asks for an account: `}there is no account '${name}' under accounts; ${known === "" ? "there is none at all" : `there are ${known}`}`
      })
    }
    const limiters = yield* AccountLimiters
    const limiter = limiters.of(name, settings, yield* SharedRates)

    /** What a request waits for, and the request with what came of it. */
    const within = <A, E, R>(request: Effect.Effect<A, E, R>, units: number) => {
      let turn: Limiter.Turn | undefined
      const used = (amount: number) => Effect.suspend(() => turn?.used(amount) ?? Effect.void)
      return {
        ready: Effect.zipRight(
          limiter.place,
          Effect.map(limiter.turn(units), (mine) => void (turn = mine))
        ),
        request: request.pipe(
          Effect.tap(() => used(units)),
          Effect.tapError((error) =>
            Failure.is(error) && error.retry === "later" && error.billed === "no"
              ? Effect.zipRight(used(0), limiter.refused(Math.min(LONGEST_WAIT, error.retryAfterMillis ?? USUAL_WAIT)))
              : Effect.void
          )
        )
      }
    }
    return {
      name,
      call: (call, request, units = 1) =>
        Effect.flatMap(Calls, (calls) => {
          const { ready, request: noted } = within(request, units)
          return calls.call({ ...call, account: name }, noted, ready)
        }),
      request: (request, units = 1) =>
        Effect.suspend(() => {
          const { ready, request: noted } = within(request, units)
          return Effect.scoped(Effect.zipRight(ready, noted))
        })
    }
  })
