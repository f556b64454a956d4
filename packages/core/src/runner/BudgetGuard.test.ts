import { describe, expect, it } from "@effect/vitest"
import { BigDecimal, Effect, TestClock } from "effect"
import type { PlanBudget } from "../stage/Budget.js"
import type { Call } from "../stage/Calls.js"
import { Money } from "../stage/Cost.js"
import { CallLog } from "../store/CallLog.js"
import { Database } from "../store/Database.js"
import * as Store from "../store/Store.js"
import * as BudgetGuard from "./BudgetGuard.js"
import { folder } from "./Run.fixture.js"

const daily: PlanBudget = { name: "budget:own", account: "own", currency: "USD", amount: 1, per: "day" }

const call = (amount: string, currency = "USD"): Call => ({
  identity: {},
  account: "own",
  model: "m",
  estimate: new Money({ amount: BigDecimal.unsafeFromString(amount), currency }),
  onAmbiguous: "retry"
})

/** A call that some process has sent: its row is there while it is under way. */
const sent = (key: string, at: Date, amount: string) =>
  Effect.flatMap(Database, (database) =>
    database.write([
      {
        sql: `INSERT INTO call (key, identity, account, model, state, owner, sent, sent_at, amount, currency)
          VALUES (?, '{}', 'own', 'm', 'sent', 'another', 1, ?, ?, 'USD')`,
        values: [key, at.getTime(), amount]
      }
    ])
  )

const inLibrary = <A, E>(program: Effect.Effect<A, E, CallLog | Database>) =>
  Effect.flatMap(folder, (state) => Effect.provide(program, Store.layer(state)))

/** What a guard says of a call. */
const said = (guard: BudgetGuard.BudgetGuard, asked: Call) =>
  Effect.match(guard.admit(asked), { onFailure: ({ code, detail }) => `${code}: ${detail}`, onSuccess: () => "admitted" })

describe("A budget", () => {
  it.scoped("of a day is kept by all processes together, and begins anew at midnight by the local clock", () =>
    Effect.gen(function* () {
      const log = yield* CallLog
      const process = () => BudgetGuard.make(log, [daily], { pipeline: "p", run: 1 })
      const [one, other] = [process(), process()]
      const evening = new Date(2026, 10, 30, 23, 59, 30)
      yield* TestClock.setTime(evening.getTime())
      yield* sent("yesterday", new Date(2026, 10, 29, 23, 59), "0.9")
      yield* sent("today", evening, "0.5")
      expect(yield* said(one, call("0.4"))).toBe("admitted")
      // Its own calls count at once, those of others after a second.
      expect(yield* said(one, call("0.2"))).toMatch(/^BudgetReached: budget:own: 0\.9 of 1 USD per day are spent or in flight/)
      yield* sent("of the first", evening, "0.4")
      expect(yield* said(other, call("0.2"))).toContain("BudgetReached")
      expect(other.reached()).toEqual(["budget:own"])
      yield* TestClock.setTime(new Date(2026, 11, 1, 0, 0, 0, 1).getTime())
      expect(yield* said(one, call("0.9"))).toBe("admitted")
      yield* sent("of the new day", new Date(2026, 11, 1, 0, 0, 0, 1), "0.9")
      expect(yield* said(other, call("0.2"))).toContain("BudgetReached")
      yield* TestClock.adjust("1 second")
      expect(yield* said(one, call("0.2"))).toContain("0.9 of 1 USD")
    }).pipe(inLibrary)
  )

  it.scoped("holds calls back that are paid in another currency: it could not count them", () =>
    Effect.gen(function* () {
      const log = yield* CallLog
      const under = (budget: PlanBudget) => BudgetGuard.make(log, [budget], { pipeline: "p", run: 1 })
      expect(yield* said(under({ ...daily, account: "another" }), call("500", "CNY"))).toBe("admitted")
      expect(yield* said(under(daily), call("0.001", "CNY"))).toContain("is paid in CNY, not in USD")
    }).pipe(inLibrary)
  )
})
