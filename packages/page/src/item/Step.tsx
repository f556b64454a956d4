import { createSignal, For, Show } from "solid-js"
import { call, type Reply } from "../api/ApiClient.js"
import { decimal, money, moment, words } from "../words/Locale.js"
import type { Details } from "./ItemPanel.js"
import { Values } from "./Values.js"

type Attempt = Details["attempts"][number]

/** What it was given, and what it gave. */
const Record = (props: { readonly step: Reply<"items", "step"> }) => (
  <>
    <Show when={props.step.inputs.length > 0}>
      <h4>{words().item.input}</h4>
      <dl class="values">
        <For each={props.step.inputs}>
          {({ from, port }) => (
            <div>
              <dt>{port}</dt>
              <dd>{from.length === 0 ? words().item.inputFile : words().item.inputFrom(from.join(", "))}</dd>
            </div>
          )}
        </For>
      </dl>
    </Show>
    <Show when={props.step.output !== null || props.step.isTooLarge}>
      <h4>{words().item.output}</h4>
      <Show when={!props.step.isTooLarge} fallback={<p class="muted">{words().item.outputTooLarge}</p>}>
        <Values value={props.step.output} />
      </Show>
    </Show>
    <Show when={props.step.stage}>
      {(stage) => (
        <p class="muted">
          {words().item.madeBy(stage(), String(props.step.version ?? ""))}
          <Show when={props.step.madeWith}>{(programs) => <> · {programs()}</>}</Show>
        </p>
      )}
    </Show>
  </>
)

/** One try of one node: how it ended, what it took and gave, and why it ran. */
export const Step = (props: { readonly id: number; readonly attempt: Attempt }) => {
  const [reasons, setReasons] = createSignal<Reply<"items", "why">>()
  const [record, setRecord] = createSignal<Reply<"items", "step">>()
  const outcomes = (): Readonly<Record<string, string>> => words().item.attempt
  const ask = async () => {
    if (reasons() !== undefined) return
    const { id, attempt } = props
    setReasons([])
    const [why, step] = await Promise.all([
      call("items", "why", { path: { id }, urlParams: { node: attempt.node } }).catch(() => []),
      call("items", "step", { path: { id, attempt: attempt.id } }).catch(() => undefined)
    ])
    setReasons(why)
    setRecord(step)
  }
  return (
    <details class="step" onToggle={() => void ask()}>
      <summary>
        <span class="step-node">{props.attempt.node}</span>
        <span class={`outcome outcome-${props.attempt.outcome}`}>
          {outcomes()[props.attempt.outcome] ?? props.attempt.outcome}
        </span>
        <span class="step-time">{decimal(props.attempt.milliseconds / 1000, 2)} s</span>
      </summary>
      <p class="muted">{moment(props.attempt.startedAt)}</p>
      <Show when={props.attempt.message}>
        {(message) => (
          <p>
            <code>{props.attempt.code}</code> <bdi>{message()}</bdi>
          </p>
        )}
      </Show>
      <Show when={props.attempt.inputTokens + props.attempt.outputTokens > 0}>
        <p>{words().item.tokens(decimal(props.attempt.inputTokens, 0), decimal(props.attempt.outputTokens, 0))}</p>
      </Show>
      <Show when={props.attempt.amount}>{(amount) => <p>{money(amount(), props.attempt.currency ?? "")}</p>}</Show>
      <Show when={record()}>{(step) => <Record step={step()} />}</Show>
      <h4>{words().item.why}</h4>
      <For each={reasons() ?? []} fallback={<p class="muted">{words().item.whyNothing}</p>}>
        {(reason) => (
          <Show when={reason.changes.length > 0} fallback={<p class="muted">{words().item.whyNothing}</p>}>
            <p>{words().item.whyChanged(reason.before === null ? "" : moment(reason.before))}</p>
            <dl class="changes">
              <For each={reason.changes}>
                {(change) => (
                  <div>
                    <dt>{change.part}</dt>
                    <dd>
                      <del>
                        <bdi>{change.before ?? "–"}</bdi>
                      </del>{" "}
                      <ins>
                        <bdi>{change.after ?? "–"}</bdi>
                      </ins>
                    </dd>
                  </div>
                )}
              </For>
            </dl>
          </Show>
        )}
      </For>
    </details>
  )
}
