import { Account, Budget, CallLog, type Project, RunLog, type StoreError } from "@mediaspool/core"
import { ProviderBudgets } from "@mediaspool/plugins"
import { Effect } from "effect"
import type { Budget as BudgetState } from "../api/RunApi.js"

/** The config's budgets: those of providers and accounts, and the pipelines' with the name of theirs. */
const budgetsOf = ({ pipelines, settings }: Project.Project) => [
  ...[...ProviderBudgets.of(settings.section("providers")), ...Account.budgetsOf(settings.section("accounts"))].map((budget) => ({
    budget,
    pipeline: undefined
  })),
  ...[...pipelines].flatMap(([pipeline, { plan }]) => (plan.budgets ?? []).map((budget) => ({ budget, pipeline })))
]

/** What was spent of each budget of the config. */
export const read = (
  project: Project.Project | undefined
): Effect.Effect<ReadonlyArray<typeof BudgetState.Type>, StoreError, CallLog | RunLog> =>
  Effect.gen(function* () {
    if (project === undefined) return []
    const calls = yield* CallLog
    const known = budgetsOf(project)
    const runs = known.some(({ budget }) => budget.per === "run") ? yield* (yield* RunLog).recent(RECENT) : []
    const last = (pipeline: string | undefined) => runs.find((run) => pipeline === undefined || run.pipeline === pipeline)?.id
    const spent = ({ account, currency, per }: Budget.PlanBudget, pipeline: string | undefined): number => {
      if (per !== "run")
        return calls.spentBetween({
          currency,
          since: Budget.startOf(per, new Date()),
          ...(account === undefined ? (pipeline === undefined ? {} : { pipeline }) : { account })
        })
      const run = last(pipeline)
      return run === undefined ? 0 : calls.spentBetween({ currency, since: 0, run })
    }
    return known.map(({ budget, pipeline }) => ({
      name: budget.name.replace(/^budget:/, ""),
      spent: String(Number(spent(budget, pipeline).toPrecision(8))),
      limit: String(budget.amount),
      currency: budget.currency,
      per: budget.per
    }))
  })

/** Among so many runs the last one of a pipeline is looked for. */
const RECENT = 100
