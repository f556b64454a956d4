import { Account, type Budget, type Plan, type Project } from "@mediaspool/core"
import { ProviderBudgets } from "@mediaspool/plugins"
import { Effect, Option } from "effect"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"

/** The budgets of the config's providers and accounts. */
export const ofAccounts = ({ settings }: Project.Project): ReadonlyArray<Budget.PlanBudget> => [
  ...ProviderBudgets.of(settings.section("providers")),
  ...Account.budgetsOf(settings.section("accounts"))
]

/** A plan with the budgets of the config's providers and accounts beside its own. */
export const withBudgets = (
  plan: Plan.Plan,
  project: Project.Project,
  more: ReadonlyArray<Budget.PlanBudget> = []
): Plan.Plan => ({
  ...plan,
  budgets: [...(plan.budgets ?? []), ...ofAccounts(project), ...more]
})

/** `--max-cost 5usd`: the most that one run may spend. */
export const maxCost = (typed: Option.Option<string>): Effect.Effect<ReadonlyArray<Budget.PlanBudget>, Refused> =>
  Option.match(typed, {
    onNone: () => Effect.succeed([]),
    onSome: (text) => {
      const [, amount, currency] = /^(\d+(?:\.\d+)?)\s*(usd|cny)$/i.exec(text.trim()) ?? []
      return amount === undefined || currency === undefined || Number(amount) === 0
        ? Refused.usage(`--max-cost ${inline(text)} is not an amount.`, "Write an amount and its currency: 5usd, 0.5 cny.")
        : Effect.succeed([
            {
              name: "budget:run",
              account: undefined,
              currency: currency.toUpperCase(),
              amount: Number(amount),
              per: "run"
            }
          ])
    }
  })
