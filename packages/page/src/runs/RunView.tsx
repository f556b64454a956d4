import { For, Show } from "solid-js"
import { call, Problem } from "../api/ApiClient.js"
import * as Live from "../api/Live.js"
import { say } from "../layout/Notice.js"
import { words } from "../words/Locale.js"
import { BudgetList } from "./BudgetList.js"
import { PipelineCard } from "./PipelineCard.js"
import { WorkerList } from "./WorkerList.js"

const drain = async () => {
  try {
    await call("runs", "drain", {})
    await Live.refresh()
  } catch (cause) {
    say(cause instanceof Problem && cause.message !== "" ? cause.message : words().connection.lost)
  }
}

/** What is under way, pipeline by pipeline. */
export const RunView = () => (
  <div class="view run">
    <div class="view-head">
      <h2>{words().run.title}</h2>
      <p class="muted">
        {Live.runs()?.watcher === null || Live.runs() === undefined
          ? words().run.noWatcher
          : words().run.watcher(Live.runs()?.watcher ?? "")}
      </p>
      <Show when={Live.runs()?.watcher}>
        <button type="button" class="button" onClick={() => void drain()}>
          {words().run.drain}
        </button>
      </Show>
    </div>
    <Show when={Live.runs()?.trouble}>
      {(trouble) => (
        <div class="problem-box" role="alert">
          <p>
            <strong>
              {words().run.trouble}: {trouble().pipeline}
            </strong>
          </p>
          <pre class="command">{trouble().message}</pre>
        </div>
      )}
    </Show>
    <Show when={Live.overview()?.config}>{(problem) => <pre class="command problem">{problem()}</pre>}</Show>
    <For each={Live.runs()?.pipelines ?? []}>{(pipeline) => <PipelineCard pipeline={pipeline} />}</For>
    <BudgetList />
    <Show when={Live.runs()?.hasWorkers}>
      <WorkerList />
    </Show>
  </div>
)
