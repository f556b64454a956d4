import { createResource, For, Show } from "solid-js"
import { call, Problem } from "../api/ApiClient.js"
import { count, duration, money, words } from "../words/Locale.js"

/** What a run would do, before it is paid for. */
export const PlanTable = (props: { readonly pipeline: string }) => {
  const [plan] = createResource(() => call("runs", "plan", { path: { pipeline: props.pipeline } }))
  return (
    <div class="plan">
      <h4>{words().run.plan}</h4>
      <Show when={plan.loading}>
        <p class="muted">{words().review.pricing}</p>
      </Show>
      <Show when={plan.error instanceof Problem ? plan.error : undefined}>
        {(problem) => <pre class="command">{problem().message}</pre>}
      </Show>
      <Show when={plan.error === undefined && plan()}>
        {(found) => (
          <>
            <p>
              {words().run.planItems(count(found().items))}
              <Show when={found().mediaSeconds !== null}> · {words().run.planMedia(duration(found().mediaSeconds ?? 0))}</Show>
              <Show when={found().requests !== null}> · {words().run.planRequests(count(found().requests ?? 0))}</Show>
              <Show when={found().seconds !== null}> · {words().run.planSeconds(duration(found().seconds ?? 0))}</Show>
            </p>
            <p>
              <strong>
                {words().run.planCost}:{" "}
                {found().cost.length === 0
                  ? words().run.planFree
                  : found()
                      .cost.map(({ amount, currency }) => money(amount, currency))
                      .join(" + ")}
              </strong>
            </p>
            <table>
              <thead>
                <tr>
                  <th scope="col">{words().run.planStage}</th>
                  <th scope="col">{words().run.planKnown}</th>
                  <th scope="col">{words().run.planToRun}</th>
                  <th scope="col">{words().run.planBlocked}</th>
                </tr>
              </thead>
              <tbody>
                <For each={Object.entries(found().stages)}>
                  {([name, stage]) => (
                    <tr>
                      <th scope="row">{name}</th>
                      <td>{count(stage.cached)}</td>
                      <td>{count(stage.toRun)}</td>
                      <td>{count(stage.blocked)}</td>
                    </tr>
                  )}
                </For>
              </tbody>
            </table>
          </>
        )}
      </Show>
    </div>
  )
}
