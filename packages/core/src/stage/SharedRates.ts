import { Context, Effect } from "effect"

/** What one request takes of an account's rates, in seconds of each. 0 where there is no limit. */
export interface Share {
  readonly requests: number
  readonly units: number
}

/** An account's rates, as all processes see them that use the account. */
export interface SharedRate {
  /** Takes the next turn: gives the seconds until it, from the moment of asking. */
  readonly reserve: (share: Share) => Effect.Effect<number>
  /** Takes so many seconds more of the units, or gives them back. */
  readonly correct: (seconds: number) => Effect.Effect<void>
}

/** The rate of an account that only this process knows. */
export const alone: SharedRate = { reserve: () => Effect.succeed(0), correct: () => Effect.void }

/** Accounts' rates in one place, so that processes that work on one library stay within them together. Without a library, each for itself. */
export class SharedRates extends Context.Reference<SharedRates>()("@mediaspool/core/SharedRates", {
  defaultValue: (): { readonly of: (account: string) => SharedRate } => ({ of: () => alone })
}) {}
