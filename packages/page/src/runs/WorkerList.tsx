import { createResource, For, onCleanup, Show } from "solid-js"
import { call, Problem } from "../api/ApiClient.js"
import { count, decimal, words } from "../words/Locale.js"

/** A look at the queue starts a process: often enough to see whether work goes on. */
const EVERY_MILLIS = 15_000

/** The machines that share the work, and what keeps jobs from one. */
export const WorkerList = () => {
  const [workers, { refetch }] = createResource(() => call("runs", "workers", {}))
  const timer = setInterval(() => void refetch(), EVERY_MILLIS)
  onCleanup(() => clearInterval(timer))
  const known = () => (workers.error === undefined ? workers.latest : undefined)
  return (
    <section aria-label={words().run.workers}>
      <h3>{words().run.workers}</h3>
      <Show when={workers.error instanceof Problem ? workers.error : undefined}>
        {(problem) => <pre class="command problem">{problem().message}</pre>}
      </Show>
      <Show when={known()?.length === 0}>
        <p class="muted">{words().run.noWorkers}</p>
      </Show>
      <Show when={(known()?.length ?? 0) > 0}>
        <table>
          <thead>
            <tr>
              <For each={Object.values(words().run.worker)}>{(name) => <th scope="col">{name}</th>}</For>
            </tr>
          </thead>
          <tbody>
            <For each={known() ?? []}>
              {(worker) => (
                <tr>
                  <th scope="row">
                    <bdi>
                      {worker.host}/{worker.pid}
                    </bdi>
                    <Show when={worker.draining}> ({words().run.workerDrains})</Show>
                    <For each={worker.refuses}>
                      {({ reason, stage }) => <p class="muted">{words().run.workerRefuses(stage, reason)}</p>}
                    </For>
                  </th>
                  <td>{count(worker.slots)}</td>
                  <td>{count(worker.running)}</td>
                  <td>{count(worker.done)}</td>
                  <td>{count(worker.failed)}</td>
                  <td>{decimal(worker.rate, 0)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
    </section>
  )
}
