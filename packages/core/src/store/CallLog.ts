import { Context, type Effect } from "effect"
import type { Money } from "../stage/Cost.js"
import type { Call, Reply } from "../stage/Calls.js"
import type { StoreError } from "./StoreError.js"

/** Whose work a call is. */
export interface CallOrigin {
  readonly run: number
  readonly item: number
  readonly node: string
}

/** What is known of a call. */
export type Known =
  | { readonly _tag: "Answered"; readonly reply: Reply }
  /** Sent by this owner, and no answer is on disk. */
  | { readonly _tag: "Sent"; readonly owner: string }

export interface Service {
  /** Synchronous: a short read. */
  readonly find: (key: string) => Known | undefined
  /**
   * Commits the intent, unless another owner's call or an answer is there: then what is there. `replaces` names the dead owner
   * whose intent is taken over.
   */
  readonly send: (
    key: string,
    identity: string,
    call: Call,
    origin: CallOrigin,
    replaces?: string
  ) => Effect.Effect<Known | undefined, StoreError>
  /** Commits the reply as it came. */
  readonly answer: (key: string, reply: Reply) => Effect.Effect<void, StoreError>
  /** Takes the intent back: the request came to nothing. */
  readonly withdraw: (key: string) => Effect.Effect<void, StoreError>
  /** Synchronous: a short read. */
  readonly decision: (key: string) => string | undefined
  /** Commits a decision, and gives the one that stands: the first. */
  readonly decide: (key: string, identity: string, value: string) => Effect.Effect<string, StoreError>
  /** What answered calls cost since then, by currency. */
  readonly spent: (since: { readonly run: number } | { readonly time: number }) => Effect.Effect<ReadonlyArray<Money>, StoreError>
}

/** Paid requests and the decisions that they rest on. */
export class CallLog extends Context.Tag("@mediaspool/core/CallLog")<CallLog, Service>() {}
