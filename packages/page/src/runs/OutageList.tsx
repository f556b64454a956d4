import { createSignal, For, onCleanup, Show } from "solid-js"
import type { RunState } from "../api/Live.js"
import { count, duration, moment, words } from "../words/Locale.js"

/** Services that a run waits for: what they said, who waits, and when one request tries them again. */
export const OutageList = (props: { readonly outages: RunState["outages"] }) => {
  const [now, setNow] = createSignal(Date.now())
  const timer = setInterval(() => setNow(Date.now()), 1_000)
  onCleanup(() => clearInterval(timer))
  const next = (probeAt: string | null) => {
    const left = probeAt === null ? 0 : (Date.parse(probeAt) - now()) / 1_000
    return left < 1 ? words().run.outageTried : words().run.outageNext(duration(left))
  }
  return (
    <ul class="waiting">
      <For each={props.outages}>
        {(outage) => (
          <li>
            <strong>
              <bdi>{outage.service}</bdi>
            </strong>{" "}
            <code>{outage.code}</code> · {words().run.outageWaiting(count(outage.waiting))} · {next(outage.probeAt)}
            <p>
              <bdi>{outage.message}</bdi>
            </p>
            <p class="muted">
              {words().run.outageSince(moment(outage.since), outage.nodes.join(", "))}
              <Show when={outage.help !== ""}> {outage.help}</Show>
            </p>
          </li>
        )}
      </For>
    </ul>
  )
}
