import { For, Show } from "solid-js"
import * as Live from "../api/Live.js"
import { PipelineCard } from "../runs/PipelineCard.js"
import { words } from "../words/Locale.js"

/** What there is to do before there is anything to look at. */
export const FirstRun = () => {
  const problem = () => Live.overview()?.config
  const isMissing = () => Live.overview()?.hasConfig === false
  return (
    <div class="view first">
      <h2>{words().first.title}</h2>
      <Show
        when={problem()}
        fallback={
          <>
            <p>{words().first.ready}</p>
            <For each={Live.runs()?.pipelines ?? []}>{(pipeline) => <PipelineCard pipeline={pipeline} showPlan />}</For>
          </>
        }
      >
        {(text) => (
          <Show
            when={isMissing()}
            fallback={
              <>
                <p>{words().first.broken}</p>
                <pre class="command">
                  <code>{text()}</code>
                </pre>
              </>
            }
          >
            <p>{words().first.config}</p>
            <For each={words().first.commands}>
              {(command) => (
                <pre class="command">
                  <code>{command}</code>
                </pre>
              )}
            </For>
            <p class="muted">{Live.overview()?.folder}</p>
          </Show>
        )}
      </Show>
    </div>
  )
}
