import { type Change, Cost, type Money, type PlannedItem } from "@mediaspool/core"
import { Agreement, CanaryEvidence } from "@mediaspool/plugins"
import { BigDecimal } from "effect"
import { paint } from "../../output/Output.js"
import { aboutMoney, count, counted } from "../../output/Quantity.js"
import { table } from "../../output/Table.js"
import { inline, place, shortened } from "../../output/Text.js"
import { type RunForecast, totalCost } from "../plan/RunForecast.js"

/** One file of the sample: its results before and after, in stored form. */
export interface TriedFile extends Agreement.ResultPair {
  readonly path: string
  readonly failure: ReturnType<PlannedItem["failure"]>
  /** Where a person has judged the file. */
  readonly evidence: CanaryEvidence.Evidence | undefined
}

/** What a trial came to. */
export interface ShownTrial {
  readonly pipeline: string
  readonly node: string
  readonly changes: ReadonlyArray<Change>
  readonly pairs: ReadonlyArray<TriedFile>
  readonly agreement: Agreement.Agreement
  /** What the trial cost. */
  readonly cost: ReadonlyArray<Money>
  readonly goingOn: RunForecast
}

const byCurrency = (amounts: ReadonlyArray<Money>): Readonly<Record<string, string>> =>
  Object.fromEntries(amounts.map(({ amount, currency }) => [currency, BigDecimal.format(BigDecimal.normalize(amount))]))

const parsed = (stored: string | undefined): unknown => (stored === undefined ? null : JSON.parse(stored))

const rounded = (part: number): number => Math.round(part * 1000) / 1000

const evidenceOf = (pairs: ReadonlyArray<TriedFile>) =>
  CanaryEvidence.total(pairs.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence])))

const goingOnValue = ({ items, models, stages }: RunForecast): object => ({
  items,
  stages,
  requests: models.reduce((sum, { requests }) => sum + requests, 0),
  cost: byCurrency(totalCost(models))
})

/** A line of `spool canary --json` for a file. */
export const pairValue = ({ node, pipeline }: ShownTrial, { after, before, evidence, failure, path }: TriedFile): object => ({
  type: "sample",
  pipeline,
  node,
  path,
  agreement: before === undefined || after === undefined ? null : rounded(Agreement.of(before, after)),
  before: parsed(before),
  after: parsed(after),
  ...(evidence === undefined
    ? {}
    : {
        correction: {
          word: parsed(evidence.word),
          before: evidence.before === undefined ? null : rounded(evidence.before),
          after: evidence.after === undefined ? null : rounded(evidence.after)
        }
      }),
  ...(failure === undefined ? {} : { code: failure.code, message: failure.message })
})

/** The last line of `spool canary --json`. */
export const trialValue = ({ agreement, changes, cost, goingOn, node, pairs, pipeline }: ShownTrial): object => {
  const evidence = evidenceOf(pairs)
  return {
    type: "canary",
    pipeline,
    node,
    state: "open",
    sample: pairs.length,
    compared: agreement.files,
    same: agreement.same,
    agreement: rounded(agreement.agreement),
    corrections:
      evidence === undefined ? null : { files: evidence.files, before: rounded(evidence.before), after: rounded(evidence.after) },
    labels: agreement.labels,
    changes,
    cost: byCurrency(cost),
    goingOn: goingOnValue(goingOn)
  }
}

const percent = (part: number): string => `${Math.round(part * 100)} %`
const listed = (amounts: ReadonlyArray<Money>): string =>
  amounts.map(({ amount, currency }) => aboutMoney(Number(BigDecimal.format(amount)), currency)).join(" and ")

const changeText = ({ after, before, part }: Change): string =>
  `  ${paint.dim(part)} ${shortened(inline(before ?? "(default)"), 200)} ${paint.dim("→")} ${shortened(inline(after ?? "(default)"), 200)}`

const said = (stored: string | undefined, otherwise: string): string =>
  stored === undefined ? paint.dim(otherwise) : shortened(inline(Agreement.textOf(stored) ?? stored), 400)

const evidenceText = (evidence: CanaryEvidence.Evidence | undefined): ReadonlyArray<string> => {
  if (evidence === undefined) return []
  const { after, before } = evidence
  const agreement =
    before === undefined || after === undefined ? "" : paint.dim(`  ${percent(before)} before, ${percent(after)} after`)
  return [`  ${paint.dim("person")} ${said(evidence.word, "")}${agreement}`]
}

const pairText = ({ after, before, evidence, failure, path }: TriedFile): string => {
  const agreement = before === undefined || after === undefined ? "" : paint.dim(`  ${percent(Agreement.of(before, after))}`)
  return [
    `${place(path)}${agreement}`,
    ...(before !== undefined && before === after
      ? [`  ${paint.dim("same  ")} ${said(after, "")}`]
      : [
          `  ${paint.dim("before")} ${said(before, "no result")}`,
          `  ${paint.dim("after ")} ${failure === undefined ? said(after, "no result") : paint.red(`${inline(failure.message)} (${failure.code})`)}`
        ]),
    ...evidenceText(evidence)
  ].join("\n")
}

const labelTable = (labels: ReadonlyArray<Agreement.LabelAgreement>): string =>
  table(
    [{ head: "label" }, ...["before", "after", "both", "agreement"].map((head) => ({ head, align: "right" as const }))],
    labels.map(({ after, before, both, label }) => [
      inline(label),
      count(before),
      count(after),
      count(both),
      percent(both / Math.max(1, before + after - both))
    ])
  )

const goingOnText = ({ models, stages }: RunForecast, node?: string): string => {
  const requests = models.reduce((sum, { requests }) => sum + requests, 0)
  const files = node === undefined ? Math.max(0, ...Object.values(stages).map(({ toRun }) => toRun)) : (stages[node]?.toRun ?? 0)
  const cost = totalCost(models)
  return [
    counted(files, "file"),
    ...(requests > 0 ? [counted(requests, "request")] : []),
    ...(models.length === 0 ? [] : [cost.length === 0 ? "no price known" : `about ${listed(cost)}`])
  ].join(", ")
}

/** Old and new side by side, and what going on would cost. */
export const trialText = (trial: ShownTrial): string => {
  const { agreement, changes, cost, goingOn, node, pairs } = trial
  const evidence = evidenceOf(pairs)
  const paid = cost.length === 0 ? "" : `, ${cost.map((money) => Cost.format(money)).join(" and ")} paid`
  return [
    `${paint.bold(node)} on trial with ${counted(pairs.length, "file")}${paid}`,
    ...changes.map(changeText),
    "",
    ...pairs.map(pairText),
    "",
    ...(agreement.labels.length === 0 ? [] : [labelTable(agreement.labels), ""]),
    agreement.files === 0
      ? "No file has a result from before and after: nothing could be compared."
      : `Agreement: ${percent(agreement.agreement)}; ${count(agreement.same)} of ${counted(agreement.files, "file")} unchanged.`,
    ...(evidence === undefined
      ? []
      : [
          `Agreement with what people accepted or corrected (${counted(evidence.files, "file")}): ${percent(evidence.before)} before, ${percent(evidence.after)} after.`
        ]),
    `Going on: ${goingOnText(goingOn, node)}.`,
    `Until then runs and watchers keep the results of ${node} from before. End it with ${paint.bold(`spool canary ${node} --accept`)} or ${paint.bold("--drop")}.`
  ].join("\n")
}

/** How a trial ended. */
export interface ShownDecision {
  readonly node: string
  readonly state: "accepted" | "dropped"
  readonly goingOn: RunForecast
}

export const decisionValue = ({ goingOn, node, pipeline, state }: ShownDecision & { readonly pipeline: string }): object => ({
  type: "canary",
  pipeline,
  node,
  state,
  goingOn: goingOnValue(goingOn)
})

/**
 * How a trial ended, and what the next run does.
 *
 * @param left what is still edited, after it was dropped
 */
export const decisionText = ({
  file,
  goingOn,
  left,
  node,
  state
}: ShownDecision & { readonly left: ReadonlyArray<Change>; readonly file: string }): string => {
  const works = Object.values(goingOn.stages).some(({ toRun }) => toRun > 0)
  const next = works ? `The next run: ${goingOnText(goingOn)}.` : "The next run has nothing to do."
  if (state === "accepted") return `The edit of ${paint.bold(node)} is accepted. ${next}`
  return left.length === 0
    ? `The edit of ${paint.bold(node)} is dropped. ${next}`
    : [
        `The edit of ${paint.bold(node)} is dropped, but ${file} still has it. ${next}`,
        "To keep the results from before, undo it first:",
        ...left.map(({ after, before, part }) => changeText({ part, before: after, after: before }))
      ].join("\n")
}
