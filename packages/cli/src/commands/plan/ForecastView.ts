import type { Money } from "@mediaspool/core"
import { BigDecimal } from "effect"
import { paint } from "../../output/Output.js"
import { aboutMoney, count, counted, duration, mediaTime } from "../../output/Quantity.js"
import { table } from "../../output/Table.js"
import { inline, shortened } from "../../output/Text.js"
import * as BudgetForecast from "./BudgetForecast.js"
import type { PriceDate } from "./PriceDate.js"
import { type RunForecast, totalCost } from "./RunForecast.js"

const about = ({ amount, currency }: Money): string => aboutMoney(Number(BigDecimal.format(amount)), currency)

const cell = (number: number): string => (number === 0 ? paint.dim("·") : count(number))

const budgetValue = (budget: BudgetForecast.BudgetForecast): object => ({
  name: budget.name,
  limit: String(budget.amount),
  currency: budget.currency,
  per: budget.per,
  left: String(Number(budget.left.toPrecision(8))),
  cost: String(Number(budget.cost.toPrecision(8))),
  enough: !BudgetForecast.holdsBack(budget)
})

/** The last line of `spool plan --json`. Money is a decimal string; `seconds` is null where a stage has never run. */
export const forecastValue = (
  forecast: RunForecast,
  dates: ReadonlyArray<PriceDate> = [],
  budgets: ReadonlyArray<BudgetForecast.BudgetForecast> = []
): object => {
  const { estimatedLengths, items, mediaSeconds, models, pipeline, seconds, stages, unknownLengths } = forecast
  const sum = (of: "requests" | "inputTokens" | "outputTokens") => models.reduce((total, model) => total + model[of], 0)
  const decimal = (amount: BigDecimal.BigDecimal) => BigDecimal.format(BigDecimal.normalize(amount))
  return {
    type: "plan",
    pipeline,
    items,
    stages,
    blocked: forecast.blocked,
    mediaSeconds: Math.round(mediaSeconds * 1000) / 1000,
    estimatedLengths,
    unknownLengths,
    requests: sum("requests"),
    tokens: { input: sum("inputTokens"), output: sum("outputTokens") },
    cost: Object.fromEntries(totalCost(models).map(({ amount, currency }) => [currency, decimal(amount)])),
    models: models.map(({ account, cost, inputTokens, model, node, outputTokens, requests }) => ({
      node,
      provider: account,
      model,
      requests,
      tokens: { input: inputTokens, output: outputTokens },
      cost: cost === undefined ? null : { currency: cost.currency, amount: decimal(cost.amount) },
      priceOf: dates.find((date) => date.account === account && date.model === model)?.priceOf ?? null
    })),
    seconds: seconds === undefined ? null : Math.round(seconds * 10) / 10,
    ...(budgets.length === 0 ? {} : { budgets: budgets.map(budgetValue) }),
    ...(forecast.canaries.length === 0 ? {} : { canaries: forecast.canaries })
  }
}

/** Why steps can't be reached. */
const blockedLines = ({ blocked }: RunForecast): ReadonlyArray<string> => [
  ...blocked.map(
    ({ code, files, message, node }) =>
      `${paint.yellow("!")} ${counted(files, "file")} blocked at ${node}: ${shortened(inline(message), 120)} (${code})`
  ),
  ...(blocked.length === 0 ? [] : ["`spool errors` says what to do about each."])
]

/** A plan for a person: what would run, what it would ask and cost, and how long it would take. */
export const forecastText = (
  forecast: RunForecast,
  dates: ReadonlyArray<PriceDate> = [],
  budgets: ReadonlyArray<BudgetForecast.BudgetForecast> = []
): string => {
  const { estimatedLengths, items, mediaSeconds, models, pipeline, seconds, stages, unknownLengths } = forecast
  const toRun = Object.values(stages).some((stage) => stage.toRun > 0)
  if (!toRun && forecast.blocked.length === 0)
    return `${paint.bold(pipeline)}: nothing to do, ${counted(items, "file")} up to date.`
  if (!toRun)
    return [`${paint.bold(pipeline)}: ${counted(items, "file")}, nothing can run.`, ...blockedLines(forecast)].join("\n")
  const rows = Object.entries(stages).map(([node, { blocked, cached, toRun }]) => [
    node,
    cell(cached),
    cell(toRun),
    cell(blocked)
  ])
  const cost = totalCost(models)
  const read = [...new Set(dates.map(({ priceOf }) => (priceOf === "config" ? "the config" : `the catalog, read on ${priceOf}`)))]
  const facts = [
    `${mediaTime(mediaSeconds)} of media${estimatedLengths > 0 ? ` (${counted(estimatedLengths, "length")} estimated)` : ""}`,
    ...(unknownLengths > 0 ? [`${counted(unknownLengths, "file")} of unknown length, not counted`] : []),
    ...(models.length === 0
      ? []
      : [
          cost.length === 0
            ? "no price known"
            : `about ${cost.map(about).join(" and ")}${models.some(({ cost }) => cost === undefined) ? " and what has no price" : ""}`
        ]),
    seconds === undefined ? "duration unknown until the first run" : `about ${duration(seconds)}`
  ]
  return [
    table([{ head: "step" }, ...["cached", "to run", "blocked"].map((head) => ({ head, align: "right" as const }))], rows),
    ...(models.length === 0
      ? []
      : [
          "",
          table(
            [
              { head: "step" },
              { head: "model" },
              ...["requests", "tokens in", "tokens out", "cost"].map((head) => ({ head, align: "right" as const }))
            ],
            models.map(({ account, cost, inputTokens, model, node, outputTokens, requests }) => [
              node,
              `${model} at ${account}`,
              count(requests),
              count(inputTokens),
              count(outputTokens),
              cost === undefined ? "no price" : about(cost)
            ])
          )
        ]),
    "",
    `${paint.bold(pipeline)}: ${counted(items, "file")}, ${facts.join(", ")}. Nothing was paid.`,
    ...BudgetForecast.lines(budgets).map((line) => `${paint.yellow("!")} ${line}`),
    ...blockedLines(forecast),
    ...(read.length === 0 ? [] : [`Prices of ${read.join(" and ")}.`])
  ].join("\n")
}
