import { Budget, CallLog } from "@mediaspool/core"
import { BigDecimal, Clock, Effect } from "effect"
import { aboutMoney } from "../../output/Quantity.js"
import { inline } from "../../output/Text.js"
import { type ModelForecast, totalCost } from "./RunForecast.js"

/** What a budget has left for what is planned. */
export interface BudgetForecast {
  /** `budget:emulator`, `budget:pipeline:sounds`, `budget:run` */
  readonly name: string
  readonly amount: number
  readonly currency: string
  readonly per: Budget.Budget["per"]
  readonly left: number
  /** Of the planned requests that it counts, in its currency. */
  readonly cost: number
  /** Currencies of others of them: they wait, whatever is left. */
  readonly foreign: ReadonlyArray<string>
}

/** Whether a part of what is planned will wait. */
export const holdsBack = ({ cost, foreign, left }: BudgetForecast): boolean => cost > left || foreign.length > 0

/** What each budget has left; those that count nothing of what is planned are left out. */
export const of = (
  budgets: ReadonlyArray<Budget.PlanBudget>,
  models: ReadonlyArray<ModelForecast>,
  pipeline: string
): Effect.Effect<ReadonlyArray<BudgetForecast>, never, CallLog> =>
  Effect.gen(function* () {
    const log = yield* CallLog
    const now = new Date(yield* Clock.currentTimeMillis)
    return budgets.flatMap(({ account, amount, currency, name, per }) => {
      const costs = totalCost(models.filter((model) => account === undefined || model.account === account))
      if (costs.length === 0) return []
      const cost = costs.find((money) => money.currency === currency)
      const of = account === undefined ? { pipeline } : { account }
      const spent = per === "run" ? 0 : log.spentBetween({ currency, since: Budget.startOf(per, now), ...of })
      return [
        {
          name,
          amount,
          currency,
          per,
          left: Math.max(0, amount - spent),
          cost: cost === undefined ? 0 : Number(BigDecimal.format(cost.amount)),
          foreign: costs.filter((money) => money !== cost).map((money) => money.currency)
        }
      ]
    })
  })

const nameOf = (name: string): string =>
  name === "budget:run"
    ? "--max-cost"
    : `The budget of ${inline(name.replace(/^budget:/, "").replace(/^pipeline:/, "pipeline "))}`

/** What will wait for a budget, a line each. */
export const lines = (budgets: ReadonlyArray<BudgetForecast>): ReadonlyArray<string> =>
  budgets.filter(holdsBack).map(({ amount, cost, currency, foreign, left, name, per }) => {
    const limit = `${amount} ${currency} per ${per}`
    const has = `${nameOf(name)} ${per === "run" ? `allows ${limit}` : `has ${aboutMoney(left, currency)} left of ${limit}`}`
    return foreign.length > 0
      ? `${has}, and can't pay ${foreign.join(" or ")}: such requests will wait.`
      : `${has}: the run will stop paying there, and what would cost the other ${aboutMoney(cost - left, currency)} will wait.`
  })
