import { Duration, Effect, Layer } from "effect"
import type { PlanBudget } from "../stage/Budget.js"
import { Calls } from "../stage/Calls.js"
import { CallLog } from "../store/CallLog.js"
import { ProcessLock } from "../store/ProcessLock.js"
import * as BudgetGuard from "./BudgetGuard.js"
import * as RecordedCalls from "./RecordedCalls.js"

/** How long a command that is stopped waits for an answer that may be billed. */
const PATIENCE = Duration.seconds(10)

/** Paid calls of a command that is no run: recorded, replayed and held within budgets as a run's are. */
export const layer = (budgets: ReadonlyArray<PlanBudget>): Layer.Layer<Calls, never, CallLog | ProcessLock> =>
  Layer.scoped(
    Calls,
    Effect.gen(function* () {
      const log = yield* CallLog
      const recorded = yield* RecordedCalls.make(log, yield* ProcessLock)
      yield* Effect.addFinalizer(() => Effect.asVoid(Effect.timeoutOption(recorded.settled(undefined), PATIENCE)))
      return recorded.of(
        () => ({}),
        () => () => {},
        undefined,
        BudgetGuard.make(log, budgets, {})
      )
    })
  )
