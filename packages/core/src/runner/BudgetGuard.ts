import { BigDecimal, Clock, Effect } from "effect"
import { type PlanBudget, startOf } from "../stage/Budget.js"
import { type Call, CallHeld } from "../stage/Calls.js"
import type { Money } from "../stage/Cost.js"
import type { CallLog } from "../store/CallLog.js"

/** What other processes spend is read again after so long; a run of its own counts itself at once. */
const staleMillis = 1000

/** Keeps a run's paid calls within its plan's budgets. */
export interface BudgetGuard {
  /**
   * Fails while the call would exceed a budget: its work waits. So does a call in another currency, which the budget can't hold; one
   * whose price is unknown is refused under any.
   */
  readonly admit: (call: Call) => Effect.Effect<void, CallHeld>
  /** Budgets that held work back, by name. */
  readonly reached: () => ReadonlyArray<string>
}

const numberOf = (money: Money): number => Number(BigDecimal.format(money.amount))

const shown = (amount: number): number => Number(amount.toPrecision(3))

interface Spent {
  readonly at: number
  readonly since: number
  amount: number
}

export const make = (
  log: CallLog["Type"],
  budgets: ReadonlyArray<PlanBudget>,
  { pipeline, run }: { readonly pipeline: string; readonly run: number } | { readonly pipeline?: never; readonly run?: never }
): BudgetGuard => {
  const known = new Map<string, Spent>()
  const reached = new Set<string>()

  /** What the budget's calls cost, those in flight by their estimates. */
  const spentOn = ({ account, currency, name, per }: PlanBudget, now: number): Spent => {
    const since = per === "run" ? 0 : startOf(per, new Date(now))
    const before = known.get(name)
    if (before !== undefined && before.since === since && now - before.at < staleMillis) return before
    const of = account === undefined ? (per === "run" || pipeline === undefined ? {} : { pipeline }) : { account }
    // What is no run spends its own budget from the start.
    const amount =
      per === "run" && run === undefined
        ? (before?.amount ?? 0)
        : log.spentBetween({ currency, since, ...of, ...(per === "run" && run !== undefined ? { run } : {}) })
    const spent = { at: now, since, amount }
    known.set(name, spent)
    return spent
  }

  const held = (budget: PlanBudget, detail: string) => {
    reached.add(budget.name)
    return new CallHeld({ code: "BudgetReached", detail: `${budget.name}: ${detail}` })
  }

  const admitTo = (budget: PlanBudget, { account, estimate, isPriceUnknown, model }: Call, now: number): CallHeld | undefined => {
    if (budget.account !== undefined && budget.account !== account) return undefined
    if (estimate === undefined && isPriceUnknown === true)
      return new CallHeld({ code: "PriceUnknown", detail: `${budget.name}: the price of ${model} at ${account} is unknown` })
    if (estimate !== undefined && estimate.currency !== budget.currency)
      return held(budget, `${model} at ${account} is paid in ${estimate.currency}, not in ${budget.currency}`)
    const spent = spentOn(budget, now)
    const next = estimate === undefined ? 0 : numberOf(estimate)
    const limit = `${budget.amount} ${budget.currency} per ${budget.per}`
    if (next > budget.amount)
      return held(budget, `one call to ${model} costs about ${shown(next)} ${budget.currency}, more than the ${limit}`)
    if (spent.amount + next > budget.amount || spent.amount >= budget.amount)
      return held(
        budget,
        `${shown(spent.amount)} of ${limit} are spent or in flight, and a call to ${model} costs about ${shown(next)}`
      )
    spent.amount += next
    return undefined
  }

  return {
    admit: (call) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        for (const budget of budgets) {
          const refusal = admitTo(budget, call, now)
          if (refusal !== undefined) return Effect.fail(refusal)
        }
        return Effect.void
      }),
    reached: () => [...reached]
  }
}
