import type { RunStatus } from "@mediaspool/core"
import { stripVTControlCharacters } from "node:util"
import { budgetOf, isThe, waitingForText } from "./Outages.js"
import { paint } from "./Output.js"
import { count, counted, duration } from "./Quantity.js"
import { table } from "./Table.js"
import { inline, place, shortened } from "./Text.js"

/** Who watches, and which pipelines are paused. */
export interface Watching {
  readonly watcher: string | undefined
  readonly paused: ReadonlyArray<string>
}

const rounded = (number: number | undefined, digits = 2): number | null =>
  number === undefined ? null : Math.round(number * 10 ** digits) / 10 ** digits

const iso = (millis: number | undefined): string | null => (millis === undefined ? null : new Date(millis).toISOString())

/** A line of `spool status --json`. Money is a decimal string. */
export const statusValue = (run: RunStatus.RunStatus): object => ({
  type: "run",
  id: run.id,
  pipeline: run.pipeline,
  state: run.phase,
  startedAt: iso(run.startedAt),
  endedAt: iso(run.endedAt),
  seconds: rounded(run.seconds),
  items: run.items,
  inFlight: run.inFlight,
  perMinute: rounded(run.perMinute),
  stages: Object.fromEntries(
    Object.entries(run.stages).map(([node, { p50Seconds, p95Seconds, perMinute, ...stage }]) => [
      node,
      { ...stage, perMinute: rounded(perMinute), p50Seconds: rounded(p50Seconds, 4), p95Seconds: rounded(p95Seconds, 4) }
    ])
  ),
  cost: run.cost,
  slowest: run.slowest.map((file) => ({ ...file, seconds: rounded(file.seconds, 3) })),
  failing: run.failing,
  causes: run.causes,
  workers: run.workers,
  waitingFor: run.waitingFor,
  outages: run.outages.map(({ probeAt, since, ...outage }) => ({ ...outage, since: iso(since), probeAt: iso(probeAt) })),
  limits: run.limits,
  canaries: run.canaries
})

/** The line about the watcher of `spool status --json`. */
export const watchingValue = ({ paused, watcher }: Watching): object => ({ type: "watcher", watcher: watcher ?? null, paused })

const cell = (number: number, colour: (text: string) => string = String): string =>
  number === 0 ? paint.dim("·") : colour(count(number))

/** `1,240/min`, `3.5/min`. */
const rate = (perMinute: number | undefined): string =>
  perMinute === undefined || perMinute === 0 ? paint.dim("·") : `${perMinute < 10 ? perMinute.toFixed(1) : count(perMinute)}/min`

/** `12 ms`, `1.2 s`, `3 min 20 s`. */
const took = (seconds: number | undefined): string =>
  seconds === undefined ? paint.dim("·") : seconds < 0.995 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : duration(seconds)

const money = (cost: RunStatus.Costs): string =>
  Object.entries(cost)
    .map(([currency, amount]) => `${Number(Number(amount).toPrecision(4))} ${currency}`)
    .join(", ")

/** What a step's row tells, from left to right. */
const cells: Readonly<Record<string, (stage: RunStatus.StageStatus) => string>> = {
  queued: ({ queued }) => cell(queued),
  running: ({ running }) => cell(running),
  done: ({ cached, ran, skipped }) => cell(ran + cached + skipped),
  failed: ({ failed }) => cell(failed, paint.red),
  waiting: ({ waiting }) => cell(waiting, paint.yellow),
  rate: ({ perMinute }) => rate(perMinute),
  p50: ({ p50Seconds }) => took(p50Seconds),
  p95: ({ p95Seconds }) => took(p95Seconds),
  cost: ({ cost }) => (money(cost) === "" ? paint.dim("·") : money(cost))
}

/** What a narrow terminal goes without, one after the other. */
const spared = ["p95", "p50", "rate", "running", "queued", "cost"]

const widthOf = (text: string): number => Math.max(...text.split("\n").map((line) => stripVTControlCharacters(line).length))

const stages = (run: RunStatus.RunStatus, columns: number): string => {
  const drawn = (without: ReadonlyArray<string>) => {
    const told = Object.entries(cells).filter(([head]) => !without.includes(head))
    return table(
      [{ head: "step" }, ...told.map(([head]) => ({ head, align: "right" as const }))],
      Object.entries(run.stages).map(([node, stage]) => [node, ...told.map(([, tell]) => tell(stage))])
    )
  }
  const all = spared.map((_, i) => drawn(spared.slice(0, i)))
  return all.find((text) => widthOf(text) <= columns) ?? drawn(spared)
}

const phases: Readonly<Record<RunStatus.RunPhase, string>> = {
  running: "running",
  finished: "finished",
  drained: "stopped early",
  interrupted: "interrupted",
  stopped: "stopped by a failure",
  died: "ended unexpectedly"
}

/** When something was, in the time of this machine: `14:02:11`, or with its date when it is a day ago or more. */
const clock = (millis: number, now: number): string => {
  const at = new Date(millis)
  const pad = (part: number) => String(part).padStart(2, "0")
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`
  return now - millis < 86_400_000 ? time : `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${time}`
}

const headline = (run: RunStatus.RunStatus, now: number): string => {
  const { done, failed, total, waiting } = run.items
  return [
    `${paint.bold(run.pipeline)} ${phases[run.phase]}${run.phase === "running" ? ` for ${duration(run.seconds)}` : ` (${clock(run.endedAt ?? run.startedAt, now)}, ${duration(run.seconds)})`}`,
    run.phase === "running"
      ? `${counted(done, "file")} done`
      : `${count(done)} of ${counted(run.phase === "finished" ? total : Math.max(total, run.expected ?? 0), "file")} done`,
    ...(run.inFlight > 0 ? [`${count(run.inFlight)} in progress`] : []),
    ...(failed > 0 ? [paint.red(`${count(failed)} failed`)] : []),
    ...(waiting > 0 ? [paint.yellow(`${count(waiting)} waiting`)] : []),
    ...(run.perMinute === undefined || run.perMinute === 0 ? [] : [rate(run.perMinute)]),
    ...(money(run.cost) === "" ? [] : [money(run.cost)])
  ].join(" · ")
}

const slow = (run: RunStatus.RunStatus): ReadonlyArray<string> =>
  run.slowest.length === 0
    ? []
    : [
        paint.dim("slowest"),
        ...run.slowest.map(
          ({ isRunning, node, path, seconds }) =>
            `  ${took(seconds).padStart(9)}  ${node}  ${shortened(place(path), 60)}${isRunning ? paint.dim("  under way") : ""}`
        )
      ]

/** A line a step and code: a budget that holds a thousand files back is one. */
const cause = ({ code, files, message, node, path, waits }: RunStatus.Cause): string =>
  [
    `  ${(waits ? paint.yellow : paint.red)(code)} at ${node}, ${files === 1 ? shortened(place(path), 40) : counted(files, "file")}`,
    paint.dim(shortened(inline(message), 100))
  ].join("  ")

const causes = (run: RunStatus.RunStatus): ReadonlyArray<string> => {
  const [waiting, failed] = [run.causes.filter(({ waits }) => waits), run.causes.filter(({ waits }) => !waits)]
  return [
    ...(failed.length === 0 ? [] : [paint.dim("failed"), ...failed.map(cause)]),
    ...(waiting.length === 0 ? [] : [paint.dim("waiting"), ...waiting.map(cause)]),
    ...(run.causes.length === 0 ? [] : [paint.dim("`spool errors` lists the files and says what to do.")])
  ]
}

const workers = (run: RunStatus.RunStatus): ReadonlyArray<string> =>
  run.workers.length === 0
    ? []
    : [
        paint.dim("workers"),
        ...table(
          [
            { head: "worker" },
            ...["slots", "running", "rate"].map((head) => ({ head, align: "right" as const })),
            { head: "version" },
            { head: "engine" }
          ],
          run.workers.map(({ engine, isDraining, name, perMinute, running, slots, version }) => [
            `${inline(name)}${isDraining ? paint.yellow(" (draining)") : ""}`,
            count(slots),
            cell(running),
            rate(perMinute),
            inline(version),
            inline(engine)
          ])
        )
          .split("\n")
          .map((line) => `  ${line}`)
      ]

/** `provider:dashscope-intl` */
const serviceOf = (resource: string): string => resource.slice(resource.indexOf(":") + 1)

const away = (run: RunStatus.RunStatus, now: number): ReadonlyArray<string> =>
  run.outages.map((outage) => {
    const { message, probeAt, resource, waiting } = outage
    const next = probeAt === undefined || probeAt <= now ? "now" : `in ${duration((probeAt - now) / 1000)}`
    const budget = budgetOf(outage)
    const what =
      budget === undefined
        ? `${isThe(inline(serviceOf(resource)))} not available: ${shortened(inline(message), 120)}`
        : `Budget reached: ${shortened(inline(message.slice(budget.length + 2)), 120)}`
    return paint.yellow(`${what}; ${counted(waiting, "step")} waiting, next try ${next}.`)
  })

const REASONS = {
  place: "as many requests as it allows are under way",
  turn: "its requests or units a minute are used up"
} as const

const limited = (run: RunStatus.RunStatus): ReadonlyArray<string> =>
  run.limits.map(({ reason, resource, waiting }) =>
    paint.dim(`${counted(waiting, "step")} waiting for ${inline(serviceOf(resource))}: ${REASONS[reason]}.`)
  )

const notes = (run: RunStatus.RunStatus, now: number): ReadonlyArray<string> => [
  ...away(run, now),
  ...limited(run),
  ...run.waitingFor.map((name) => paint.yellow(waitingForText(name))),
  ...(run.canaries.length === 0 ? [] : [paint.yellow(`The edit of ${run.canaries.join(", ")} is on trial: \`spool canary\`.`)])
]

/**
 * How runs stand, for a person.
 *
 * @param columns of the terminal; elsewhere a line may have any length
 */
export const statusText = (
  runs: ReadonlyArray<RunStatus.RunStatus>,
  { paused, watcher }: Watching,
  now: number,
  columns = process.stdout.columns ?? Infinity
): string =>
  [
    ...runs.map((run) =>
      [headline(run, now), stages(run, columns), ...workers(run), ...slow(run), ...causes(run), ...notes(run, now)].join("\n")
    ),
    [
      ...(watcher === undefined ? [] : [`Watching: ${watcher}.`]),
      ...(paused.length === 0 ? [] : [paint.yellow(`Paused: ${paused.join(", ")}; \`spool resume\` continues.`)]),
      ...(runs.every(({ phase }) => phase !== "running") && watcher === undefined ? [paint.dim("Nothing is running.")] : [])
    ].join(" ")
  ]
    .filter((part) => part !== "")
    .join("\n\n")
