import { createSignal, For, Show } from "solid-js"
import { call, Problem, type Reply } from "../api/ApiClient.js"
import * as Live from "../api/Live.js"
import { Values } from "../item/Values.js"
import { say } from "../layout/Notice.js"
import { count, decimal, moment, money, words } from "../words/Locale.js"

type Canary = Live.Runs["canaries"][number]

const percent = (part: number): string => `${decimal(part * 100, 0)} %`
const failed = (cause: unknown) => say(cause instanceof Problem && cause.message !== "" ? cause.message : words().connection.lost)

/** An edit on trial: before and after side by side, and the decision. */
export const CanaryCard = (props: { readonly canary: Canary }) => {
  const [trial, setTrial] = createSignal<Reply<"runs", "try">>()
  const [isBusy, setBusy] = createSignal(false)
  const path = () => ({ pipeline: props.canary.pipeline, node: props.canary.node })
  const during = async (work: () => Promise<void>) => {
    setBusy(true)
    await work().catch(failed)
    setBusy(false)
  }
  const compare = () => during(async () => void setTrial(await call("runs", "try", { path: path() })))
  const decide = (decision: "accept" | "drop") =>
    during(async () => {
      await call("runs", "decide", { path: path(), payload: { decision } })
      say(words().run.canaryDecided[decision])
      await Live.refresh()
    })
  return (
    <section class="canary" aria-label={words().run.canary(props.canary.node)}>
      <h4>{words().run.canary(props.canary.node)}</h4>
      <p class="muted">{words().run.canarySample(count(props.canary.sample), moment(props.canary.startedAt))}</p>
      <div class="line">
        <button type="button" class="button" disabled={isBusy()} onClick={() => void compare()}>
          {words().run.canaryCompare}
        </button>
        <button type="button" class="button button-main" disabled={isBusy()} onClick={() => void decide("accept")}>
          {words().run.canaryAccept}
        </button>
        <button type="button" class="button" disabled={isBusy()} onClick={() => void decide("drop")}>
          {words().run.canaryDrop}
        </button>
        <Show when={isBusy()}>
          <span class="muted" role="status">
            {words().loading} …
          </span>
        </Show>
      </div>
      <Show when={trial()}>
        {(found) => (
          <>
            <p>
              {words().run.canaryAgreement(percent(found().agreement), count(found().same), count(found().compared))} ·{" "}
              {words().run.canaryCost(
                count(found().requests),
                found()
                  .cost.map(({ amount, currency }) => money(amount, currency))
                  .join(" + ")
              )}
            </p>
            <Show when={found().corrections}>
              {(people) => (
                <p>{words().run.canaryPeople(count(people().files), percent(people().before), percent(people().after))}</p>
              )}
            </Show>
            <div class="canary-pairs" tabindex="0" role="region" aria-label={words().run.canaryCompare}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{words().run.canaryFile}</th>
                    <th scope="col">{words().run.canaryBefore}</th>
                    <th scope="col">{words().run.canaryAfter}</th>
                    <Show when={found().corrections}>
                      <th scope="col">{words().run.canaryPerson}</th>
                    </Show>
                  </tr>
                </thead>
                <tbody>
                  <For each={found().pairs}>
                    {(pair) => (
                      <tr>
                        <th scope="row">
                          <bdi>{pair.name}</bdi>
                        </th>
                        <td>
                          <Values value={pair.before} />
                        </td>
                        <td>
                          <Show when={pair.message} fallback={<Values value={pair.after} />}>
                            {(message) => <span class="problem">{message()}</span>}
                          </Show>
                        </td>
                        <Show when={found().corrections}>
                          <td>
                            <Show when={pair.correction}>{(correction) => <Values value={correction().word} />}</Show>
                          </td>
                        </Show>
                      </tr>
                    )}
                  </For>
                </tbody>
              </table>
            </div>
          </>
        )}
      </Show>
    </section>
  )
}
