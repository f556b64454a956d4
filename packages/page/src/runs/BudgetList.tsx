import { For, Show } from "solid-js"
import * as Live from "../api/Live.js"
import { money, words } from "../words/Locale.js"

/** What was spent of each budget of the config. */
export const BudgetList = () => (
  <Show when={(Live.runs()?.budgets.length ?? 0) > 0}>
    <section aria-label={words().run.budgets}>
      <h3>{words().run.budgets}</h3>
      <ul class="budgets">
        <For each={Live.runs()?.budgets ?? []}>
          {(budget) => {
            const share = () => Math.min(1, Number(budget.spent) / Math.max(Number(budget.limit ?? 0), 1e-9))
            return (
              <li>
                <bdi>{budget.name}</bdi>
                <span class="budget-bar" classList={{ "budget-full": share() >= 1 }} aria-hidden="true">
                  <span style={{ width: `${share() * 100}%` }} />
                </span>
                <span class="muted">
                  {words().run.budget(
                    money(budget.spent, budget.currency),
                    money(budget.limit ?? "0", budget.currency),
                    budget.per
                  )}
                </span>
              </li>
            )
          }}
        </For>
      </ul>
    </section>
  </Show>
)
