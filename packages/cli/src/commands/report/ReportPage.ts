import type { RunStatus } from "@mediaspool/core"
import { Option } from "effect"
import { bytes, count, counted, duration, position } from "../../output/Quantity.js"
import { place } from "../../output/Text.js"
import * as Figures from "./Figures.js"
import { Html, html } from "./Html.js"
import type { FailureGroup, RunFacts, SampleFile } from "./RunFacts.js"

/** What a report begins with: a file that does is one, and may be replaced by another. */
export const MARK = '<!doctype html><meta charset="utf-8"><meta name="generator" content="spool report">'

/** No script, nothing from a network: whoever gets the file may open it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

const style = new Html(`
:root { color-scheme: light dark; --ground: #fbfaf7; --card: #fff; --ink: #1d2126; --quiet: #6a717a; --line: #dedbd3; --accent: #23718f; --bad: #b3342b; --wait: #8a6100 }
@media (prefers-color-scheme: dark) { :root { --ground: #15181c; --card: #1d2126; --ink: #e8e6e1; --quiet: #969da6; --line: #343a42; --accent: #63b5d3; --bad: #ef7d72; --wait: #dcae49 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2.25rem 0 .6rem }
p { margin: .25rem 0 } .quiet { color: var(--quiet); fill: var(--quiet) } .bad { color: var(--bad) } .wait { color: var(--wait) }
.wide { overflow-x: auto } code { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap } th { font-weight: 500; color: var(--quiet) }
th:first-child, td:first-child { text-align: left } td.text { text-align: left; white-space: normal }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1rem; padding: 0; list-style: none }
.figures li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem; min-width: 7rem }
.figures b { display: block; font-size: 1.3rem; font-weight: 600 }
svg rect { fill: var(--accent) } .graph rect { fill: var(--card); stroke: var(--line) } .graph text { font-size: 12.5px; fill: var(--ink) } .graph text.quiet { font-size: 11px; fill: var(--quiet) }
.arrow { fill: none; stroke: var(--quiet); stroke-width: 1.2 } .flow { width: 100%; height: 60px } .share { width: 7rem; height: 8px; background: var(--line) }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: .9rem }
.sample { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem; min-width: 0 } .sample h3 { font-size: .95rem; margin: 0; overflow-wrap: anywhere }
.wave { width: 100%; height: 50px; margin: .4rem 0 } .tags { display: flex; flex-wrap: wrap; gap: .3rem; margin-top: .4rem } .tags span { border: 1px solid var(--line); border-radius: 99px; padding: 0 .5rem; font-size: .82rem }
details { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem; margin-bottom: .6rem } summary { cursor: pointer } ul.files { margin: .5rem 0; padding-left: 1.1rem }
@media print { body { max-width: none } }
`)

const took = (seconds: number): string => (seconds < 0.995 ? `${Math.round(seconds * 1000)} ms` : duration(seconds))

const money = (cost: RunStatus.Costs): string =>
  Object.entries(cost)
    .map(([currency, amount]) => `${Number(Number(amount).toPrecision(4))} ${currency}`)
    .join(", ")

const phases: Readonly<Record<RunStatus.RunPhase, string>> = {
  running: "still running",
  finished: "finished",
  drained: "stopped early, as asked",
  interrupted: "interrupted",
  stopped: "stopped by a failure",
  died: "ended without a word"
}

const figure = (value: string, name: string, mark = ""): Html => html`<li class="${mark}"><b>${value}</b>${name}</li>`

const figures = ({ planned, status }: RunFacts): Html => {
  const { cost, expected = 0, items, phase, seconds } = status
  const files = phase === "finished" ? items.total : Math.max(items.total, expected)
  return html`<ul class="figures">
    ${[
      figure(count(items.done), `of ${counted(files, "file")} done`),
      ...(items.failed > 0 ? [figure(count(items.failed), "failed", "bad")] : []),
      ...(items.waiting > 0 ? [figure(count(items.waiting), "waiting", "wait")] : []),
      figure(duration(seconds), "in all"),
      figure(money(cost) === "" ? "nothing" : money(cost), "paid"),
      ...Option.match(planned, {
        onNone: () => [],
        onSome: (plan) => [figure(money(plan.cost) === "" ? "nothing" : money(plan.cost), "planned to be paid")]
      })
    ]}
  </ul>`
}

const steps = ({ planned, status: { stages }, times }: RunFacts): Html => {
  const all = Math.max(
    0.001,
    times.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0)
  )
  const rows = Object.entries(stages).map(([node, stage]) => {
    const time = times.find((each) => each.node === node)
    const toRun = Option.getOrUndefined(planned)?.stages?.[node]
    const cell = (number: number | undefined, mark = "") =>
      html`<td class="${number === 0 ? "quiet" : mark}">${number === undefined ? "" : number === 0 ? "·" : count(number)}</td>`
    return html`<tr>
      <td>${node}</td>
      ${Option.isSome(planned) ? cell(toRun) : ""}${cell(stage.ran)}${cell(stage.cached)}${cell(stage.skipped)}${cell(stage.failed, "bad")}${cell(stage.waiting, "wait")}
      <td>${time === undefined ? "" : took(time.p50Seconds)}</td>
      <td>${time === undefined ? "" : took(time.p95Seconds)}</td>
      <td>${time === undefined ? "" : took(time.maxSeconds)}</td>
      <td>${time === undefined ? "" : Figures.share(time.totalSeconds / all)}</td>
      <td>${money(stage.cost)}</td>
    </tr>`
  })
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>step</th>
          ${Option.isSome(planned) ? html`<th>planned</th>` : ""}
          <th>ran</th>
          <th>cached</th>
          <th>skipped</th>
          <th>failed</th>
          <th>waiting</th>
          <th>p50</th>
          <th>p95</th>
          <th>longest</th>
          <th>share of the work</th>
          <th>cost</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}

const NAMED = 50

const failure = ({ code, files, help, node }: FailureGroup): Html => {
  const listed = files
    .slice(0, NAMED)
    .map(({ message, path }) => html`<li><code>${place(path)}</code> <span class="quiet">${message}</span></li>`)
  const more = files.length > NAMED ? html`<p class="quiet">and ${count(files.length - NAMED)} more</p>` : ""
  return html`<details open>
    <summary><b class="bad">${code}</b> in ${node}: ${counted(files.length, "file")}</summary>
    <p>${help}</p>
    <ul class="files">
      ${listed}
    </ul>
    ${more}
  </details>`
}

const sample = ({ caption, durationSeconds, path, peaks, sizeBytes, tags }: SampleFile): Html => {
  const about = [...(durationSeconds === undefined ? [] : [position(durationSeconds)]), bytes(sizeBytes)].join(" · ")
  return html`<article class="sample">
    <h3>${place(path)}</h3>
    <p class="quiet">${about}</p>
    ${peaks === undefined ? "" : Figures.waveform(peaks)}${caption === undefined ? "" : html`<p>${caption}</p>`}
    <div class="tags">${tags.map((tag) => html`<span>${tag}</span>`)}</div>
  </article>`
}

/** A run as one page that needs nothing else. */
export const page = (facts: RunFacts): string => {
  const { failures, flow, graph, samples, status } = facts
  const { endedAt, id, phase, pipeline, slowest, startedAt } = status
  const note = (node: string): string => {
    const stage = status.stages[node]
    if (stage === undefined) return ""
    const trouble = stage.failed + stage.waiting
    return `${count(stage.ran + stage.cached + stage.skipped)} done${trouble > 0 ? `, ${count(trouble)} open` : ""}`
  }
  const when =
    endedAt === undefined
      ? new Date(startedAt).toISOString()
      : `${new Date(startedAt).toISOString()} to ${new Date(endedAt).toISOString()}`
  const body = html`<title>${pipeline}: run ${id}</title
    ><style>
      ${style}
    </style>
    <h1>${pipeline}</h1>
    <p class="quiet">Run ${id}, ${phases[phase]}; ${when}</p>
    ${figures(facts)} ${status.waitingFor.map((name) => html`<p class="wait">Waiting for ${name}.</p>`)}
    ${status.canaries.map((name) => html`<p class="wait">The edit of ${name} was on trial: results from before were kept.</p>`)}
    <h2>Pipeline</h2>
    ${Figures.graph(graph, note)}
    <h2>Steps</h2>
    ${steps(facts)}
    <h2>Attempts over time</h2>
    ${Figures.flow(flow)}
    ${
      slowest.length === 0
        ? ""
        : html`<h2>Slowest</h2>
            <table>
              <tbody>
                ${slowest.map(
                  (file) =>
                    html`<tr>
                      <td class="text"><code>${place(file.path)}</code></td>
                      <td>${file.node}</td>
                      <td>${took(file.seconds)}</td>
                    </tr>`
                )}
              </tbody>
            </table>`
    }
    ${
      failures.length === 0
        ? ""
        : html`<h2>Failures</h2>
            ${failures.map(failure)}`
    }
    ${
      samples.length === 0
        ? ""
        : html`<h2>Samples</h2>
            <div class="samples">${samples.map(sample)}</div>`
    }`
  return `${MARK}<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width">\n${body.text}\n`
}
