import { Cost, type Money, type Summary } from "@mediaspool/core"
import { BigDecimal } from "effect"
import { paint } from "./Output.js"
import { ignoredText } from "./IgnoredText.js"
import { aboutMoney, count, counted, duration, mediaTime } from "./Quantity.js"
import type { RunProgress } from "./RunProgress.js"
import { waitingForText } from "./Outages.js"
import { table } from "./Table.js"

/** Decimal strings by currency. */
const byCurrency = (amounts: ReadonlyArray<Money>): Readonly<Record<string, string>> =>
  Object.fromEntries(amounts.map(({ amount, currency }) => [currency, BigDecimal.format(BigDecimal.normalize(amount))]))

/**
 * The last line of `spool run --json`. Money is a decimal string.
 *
 * @param today what all runs cost since midnight
 */
export const summaryValue = (
  { canaries = [], cost, ignored, items, outcome, pipeline, requests, seconds, stages, tokens, waitingFor = [] }: Summary,
  today?: ReadonlyArray<Money>
): object => ({
  type: "summary",
  pipeline,
  outcome,
  items,
  ignored,
  stages,
  cost: byCurrency(cost),
  ...(requests === undefined || requests === 0 ? {} : { requests, tokens }),
  ...(waitingFor.length === 0 ? {} : { waitingFor }),
  ...(canaries.length === 0 ? {} : { canaries }),
  ...(today === undefined ? {} : { costToday: byCurrency(today) }),
  seconds: Math.round(seconds * 1000) / 1000
})

const cell = (number: number, colour: (text: string) => string = String): string =>
  number === 0 ? paint.dim("·") : colour(count(number))

/** What was planned for a run. */
export interface PlannedRun {
  readonly requests: number
  /** Decimal strings by currency. */
  readonly cost: Readonly<Record<string, string>>
  readonly tokens?: { readonly input: number; readonly output: number } | undefined
  readonly seconds?: number | null | undefined
  /** Files that each node was to run for. */
  readonly stages?: Readonly<Record<string, number>> | undefined
}

const steps = ({ stages }: Summary, planned: PlannedRun["stages"]): string =>
  table(
    [
      { head: "step" },
      ...[...(planned === undefined ? [] : ["planned"]), "ran", "cached", "skipped", "failed", "waiting"].map((head) => ({
        head,
        align: "right" as const
      }))
    ],
    Object.entries(stages).map(([node, { cached, failed, ran, skipped, waiting }]) => [
      node,
      ...(planned === undefined ? [] : [cell(planned[node] ?? 0)]),
      cell(ran),
      cell(cached),
      cell(skipped),
      cell(failed, paint.red),
      cell(waiting, paint.yellow)
    ])
  )

/** @param expected files that the scan found; more than ended where the run was stopped */
const outcome = ({ items: { done, failed, total, waiting } }: Summary, expected = 0): string =>
  [
    `${count(done)} of ${counted(Math.max(total, expected), "file")} done`,
    ...(failed > 0 ? [paint.red(`${count(failed)} failed`)] : []),
    ...(waiting > 0 ? [paint.yellow(`${count(waiting)} waiting`)] : [])
  ].join(", ")

const listed = (amounts: ReadonlyArray<Money>): string => amounts.map(Cost.format).join(" and ")

const money = (cost: Readonly<Record<string, string>>): string =>
  Object.entries(cost)
    .map(([currency, amount]) => aboutMoney(Number(amount), currency))
    .join(" and ")

/** The plan beside what came of it. */
const comparison = ({ cost, requests = 0, seconds, tokens = { input: 0, output: 0 } }: Summary, planned: PlannedRun): string => {
  const row = (name: string, plan: string | undefined, actual: string) =>
    plan === undefined || plan === "" ? [] : [[name, plan, actual]]
  const tokensOf = ({ input, output }: { readonly input: number; readonly output: number }) =>
    `${count(input)} in, ${count(output)} out`
  const paid = planned.requests > 0 || requests > 0
  return table(
    [{ head: "" }, { head: "planned", align: "right" }, { head: "actual", align: "right" }],
    [
      ...(paid ? row("requests", count(planned.requests), count(requests)) : []),
      ...(paid ? row("tokens", planned.tokens && tokensOf(planned.tokens), tokensOf(tokens)) : []),
      ...row("cost", money(planned.cost), cost.length === 0 ? "nothing" : money(byCurrency(cost))),
      ...row("time", planned.seconds == null ? undefined : duration(planned.seconds), duration(seconds))
    ]
  )
}

/** Edits that are on trial: what a run, or a watcher, does meanwhile. */
export const canaryText = (pipeline: string, nodes: ReadonlyArray<string>): string =>
  paint.yellow(
    `${pipeline}: the edit of ${nodes.join(", ")} is on trial; results from before are kept until \`spool canary ${nodes[0] ?? ""}\` ends with --accept or --drop.`
  )

/** What a summary says beside the run's own figures. */
export interface Surroundings {
  /** Where the library is, for a person. */
  readonly library: string
  /** What all runs cost since midnight. */
  readonly today?: ReadonlyArray<Money>
  readonly planned?: PlannedRun | undefined
}

/** What a run came to, for a person. */
export const summaryText = (summary: Summary, tally: RunProgress, { library, planned, today = [] }: Surroundings): string => {
  const { cost, ignored, items, pipeline, seconds } = summary
  const took = `in ${duration(seconds)}`
  const left = ignoredText(ignored)
  const isDrained = summary.outcome === "drained"
  if (items.total === 0)
    return [
      `${paint.bold(pipeline)}: ${isDrained ? `stopped before a file was done (${took}): the next run continues` : "no files"}.`,
      ...left
    ].join("\n")
  if (items.total === tally.items.unchanged && !isDrained)
    return [
      `${paint.bold(pipeline)}: nothing to do, ${counted(items.total, "file")} up to date (${took}). ${paint.dim(library)}`,
      ...left
    ].join("\n")
  const facts = [
    took,
    ...(tally.secondsDone > 0 ? [`${mediaTime(tally.secondsDone)} of media`] : []),
    ...cost.map((money) => Cost.format(money)),
    ...(today.length > 0 && listed(today) !== listed(cost) ? [`${listed(today)} today`] : [])
  ]
  return [
    steps(summary, planned?.stages),
    "",
    ...(planned === undefined ? [] : [comparison(summary, planned), ""]),
    `${paint.bold(pipeline)}: ${outcome(summary, isDrained ? tally.expected?.files : undefined)}, ${facts.join(", ")}.${isDrained ? " Stopped early: the next run continues." : ""}`,
    ...(summary.waitingFor ?? []).map((name) => paint.yellow(waitingForText(name))),
    ...left,
    `Library: ${library}`
  ].join("\n")
}
