import { createSignal, For, Index, Show } from "solid-js"
import { call, Problem } from "../api/ApiClient.js"
import * as Live from "../api/Live.js"
import { say } from "../layout/Notice.js"
import { count, decimal, duration, money, moment, words } from "../words/Locale.js"
import { CanaryCard } from "./CanaryCard.js"
import { OutageList } from "./OutageList.js"
import { CountsTable } from "./CountsTable.js"
import { PipelineGraph } from "./PipelineGraph.js"
import { PlanTable } from "./PlanTable.js"
import { Throughput } from "./Throughput.js"

type Pipeline = Live.Runs["pipelines"][number]

const steer = async (action: "start" | "stop" | "pause" | "resume", pipeline: string) => {
  try {
    await call("runs", action, { path: { pipeline } })
    await Live.refresh()
  } catch (cause) {
    say(cause instanceof Problem && cause.message !== "" ? cause.message : words().connection.lost)
  }
}

/** A pipeline: how its run stands, and what can be done with it. */
export const PipelineCard = (props: {
  readonly pipeline: Pipeline
  /** Before anything has run: what it would do comes first. */
  readonly showPlan?: boolean
}) => {
  const [isPlanned, setPlanned] = createSignal(props.showPlan === true)
  const run = () => props.pipeline.run
  // One that was started just now has told nothing so far.
  const isRunning = () => run()?.outcome === "running" || props.pipeline.runBy !== null
  const isWaiting = () =>
    (run()?.outages.length ?? 0) > 0 || (run()?.limits.length ?? 0) > 0 || props.pipeline.waitingFor.length > 0
  const outcome = () => {
    const known: Readonly<Record<string, string>> = words().run.outcome
    const now = isRunning() ? "running" : (run()?.outcome ?? "never")
    return known[now] ?? now
  }
  const progress = () => {
    const found = run()
    if (found === null) return ""
    const files =
      found.expected === null
        ? words().library.files(count(found.items.total))
        : words().run.ofFiles(count(found.items.total), count(found.expected))
    return [
      files,
      ...(found.inFlight > 0 ? [words().run.inFlight(count(found.inFlight))] : []),
      ...(isRunning() && found.perMinute !== null ? [words().run.perMinute(decimal(found.perMinute, 0))] : []),
      ...(found.secondsLeft !== null ? [words().run.left(duration(found.secondsLeft))] : [])
    ].join(" · ")
  }
  return (
    <section class="pipeline" aria-label={props.pipeline.name}>
      <header class="pipeline-head">
        <h3>
          <bdi>{props.pipeline.name}</bdi>{" "}
          <span
            classList={{
              badge: true,
              "badge-good": isRunning() || run()?.outcome === "finished",
              "badge-warning": run()?.outcome === "stopped" || run()?.outcome === "died"
            }}
          >
            {props.pipeline.isPaused ? words().run.paused : outcome()}
          </span>{" "}
          <Show when={props.pipeline.runBy === "watcher" || props.pipeline.runBy === "other"}>
            <span class="muted">{props.pipeline.runBy === "watcher" ? words().run.byWatcher : words().run.byOther}</span>
          </Show>
        </h3>
        <div class="line">
          <Show when={props.pipeline.runBy !== "watcher"}>
            {/* One button, so that the focus stays where it is. */}
            <button
              type="button"
              class="button"
              classList={{ "button-main": props.pipeline.runBy === null }}
              onClick={() => void steer(props.pipeline.runBy === null ? "start" : "stop", props.pipeline.name)}
            >
              {props.pipeline.runBy === null ? words().run.start : words().run.stop}
            </button>
          </Show>
          <Show when={Live.runs()?.watcher}>
            <button
              type="button"
              class="button"
              onClick={() => void steer(props.pipeline.isPaused ? "resume" : "pause", props.pipeline.name)}
            >
              {props.pipeline.isPaused ? words().run.resume : words().run.pause}
            </button>
          </Show>
          <Show when={props.showPlan !== true}>
            <button type="button" class="button" aria-expanded={isPlanned()} onClick={() => setPlanned((now) => !now)}>
              {words().run.planShow}
            </button>
          </Show>
        </div>
      </header>
      <Show when={props.pipeline.folder}>
        {(folder) => (
          <p class="muted">
            <bdi class="path">{folder()}</bdi>
          </p>
        )}
      </Show>
      <Show when={isPlanned()}>
        <PlanTable pipeline={props.pipeline.name} />
      </Show>
      <PipelineGraph pipeline={props.pipeline} />
      <Show when={run()}>
        {(found) => (
          <>
            <p class="progress">
              {progress()} <span class="muted">· {moment(found().startedAt)}</span>
            </p>
            <Show when={isRunning()}>
              <Throughput samples={found().samples} />
            </Show>
            <p>
              <span class="muted">{words().run.money}: </span>
              {found().cost.length === 0
                ? words().run.nothingSpent
                : `${found()
                    .cost.map(({ amount, currency }) => money(amount, currency))
                    .join(" + ")} ${words().run.spent}`}
            </p>
            <CountsTable pipeline={props.pipeline} />
          </>
        )}
      </Show>
      <Show when={(run()?.budgets.length ?? 0) > 0}>
        <p class="problem">{words().run.budgetReached((run()?.budgets ?? []).join(", "))}</p>
      </Show>
      <For each={Live.runs()?.canaries.filter(({ pipeline }) => pipeline === props.pipeline.name) ?? []}>
        {(canary) => <CanaryCard canary={canary} />}
      </For>
      <Show when={isWaiting()}>
        <h4>{words().run.waitingFor}</h4>
      </Show>
      <Show when={(run()?.outages.length ?? 0) > 0}>
        <OutageList outages={run()?.outages ?? []} />
      </Show>
      <Show when={(run()?.limits.length ?? 0) > 0}>
        <ul class="waiting">
          <Index each={run()?.limits ?? []}>
            {(limit) => (
              <li>
                <strong>
                  <bdi>{limit().service}</bdi>
                </strong>{" "}
                · {words().run.outageWaiting(count(limit().waiting))} · {words().run.limit[limit().reason]}
                <p class="muted">{limit().nodes.join(", ")}</p>
              </li>
            )}
          </Index>
        </ul>
      </Show>
      <Show when={props.pipeline.waitingFor.length > 0}>
        <ul class="waiting">
          <For each={props.pipeline.waitingFor}>
            {(waiting) => (
              <li>
                <strong>{waiting.node}</strong> <code>{waiting.code}</code> · {words().failures.files(count(waiting.files))}
                <p>
                  <bdi>{waiting.message}</bdi>
                </p>
                <p class="muted">{waiting.help}</p>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  )
}
