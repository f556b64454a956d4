import { Context, type Effect } from "effect"
import type { StoreError } from "./StoreError.js"

/** What is known under a key. */
export interface Entry {
  readonly outcome: "value" | "failed" | "skipped"
  /** The encoded value as JSON without paths; `undefined` when it lies in the artifact `value`. For the other outcomes the failure. */
  readonly value: string | undefined
  /** Of the value; empty for the other outcomes. */
  readonly digest: string
  /** How many files belong to it. */
  readonly artifacts: number
}

/** A result with what it was made from. */
export interface Result extends Entry {
  readonly key: string
  readonly recipe: number
  /** The inputs' part of the preimage. */
  readonly inputs: string
  readonly madeWith: string | undefined
}

export interface Service {
  /** What is known under this key, on disk or still on its way there. Synchronous: a short read. */
  readonly find: (key: string) => Entry | undefined
  /** Remembers a result: `find` sees it at once, the disk with the next group. */
  readonly put: (result: Result) => void
  /** The row of what many keys share. */
  readonly recipe: (recipe: {
    readonly digest: string
    readonly stage: string
    readonly version: number
    readonly preimage: string
  }) => Effect.Effect<number, StoreError>
  /** Forgets results: their stages run again. Their recorded calls stay. */
  readonly forget: (keys: ReadonlyArray<string>) => Effect.Effect<void, StoreError>
}

/** What has been done, by key. */
export class Ledger extends Context.Tag("@mediaspool/core/Ledger")<Ledger, Service>() {}
