import { Effect } from "effect"
import { CallLog } from "./CallLog.js"
import { Database } from "./Database.js"
import { type FailureFilter, Items } from "./Items.js"
import { Ledger } from "./Ledger.js"
import type { StoreError } from "./StoreError.js"

/** Failures that say that a call may have been billed. */
const UNCERTAIN: ReadonlySet<string> = new Set(["CallInFlightAtCrash", "CallUnanswered"])

/** What will be tried again. */
export interface Requeued {
  readonly items: number
  /** Failures that were remembered by key, and are forgotten now. */
  readonly failures: number
  /** Calls whose outcome nobody knows: they will be made, and perhaps paid, again. */
  readonly calls: number
}

const held = (database: Database["Type"], item: number, node: string): ReadonlyArray<string> =>
  database
    .rows("SELECT key FROM call WHERE item = ? AND node = ? AND state = 'sent'", [item, node])
    .map((row) => String(row["key"]))

/** Opens the items again that failed, or wait, in this way. The next run, or the watcher's next look, tries them. */
export const requeue = (filter: FailureFilter): Effect.Effect<Requeued, StoreError, CallLog | Database | Items | Ledger> =>
  Effect.gen(function* () {
    const [calls, database, items, ledger] = yield* Effect.all([CallLog, Database, Items, Ledger])
    const failures = yield* items.failures(filter)
    const keys = [...new Set(failures.flatMap(({ key }) => (key === undefined ? [] : [key])))]
    const uncertain = yield* database.reading(() =>
      failures.filter(({ code }) => UNCERTAIN.has(code)).flatMap(({ item, node }) => held(database, item, node))
    )
    yield* calls.release(uncertain)
    yield* ledger.forget(keys)
    for (const pipeline of new Set(failures.map((failure) => failure.pipeline)))
      yield* items.reopen(
        [...new Set(failures.filter((failure) => failure.pipeline === pipeline).map(({ item }) => item))],
        pipeline
      )
    return { items: new Set(failures.map(({ item }) => item)).size, failures: keys.length, calls: uncertain.length }
  })
