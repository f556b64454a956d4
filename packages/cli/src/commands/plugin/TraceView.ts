import type { Plan, StageFailure } from "@mediaspool/core"
import { stringify } from "yaml"
import { paint } from "../../output/Output.js"
import { duration } from "../../output/Quantity.js"
import { inline, shortened } from "../../output/Text.js"
import type { NodeTrace } from "../test/StageTrial.js"

interface Shown {
  readonly clip: string
  /** Other nodes that might have been meant. */
  readonly others: ReadonlyArray<string>
}

const LONGEST = 300

/** Fields that name where a value lies or by which bytes it is known: nobody reads them twice. */
const withoutHashes = (key: unknown, value: unknown): unknown =>
  key === "hash" || key === "_tag" || key === "key"
    ? undefined
    : typeof value === "string"
      ? shortened(inline(value), LONGEST)
      : value

/** A value as people read it: YAML, one field a line. */
const fields = (value: unknown, indent: string): string => {
  const plain: unknown = JSON.parse(JSON.stringify(value ?? null, withoutHashes))
  return stringify(plain, { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line) => `${indent}${line}`)
    .join("\n")
}

const label = (text: string): string => `${paint.bold(text)}${" ".repeat(8 - text.length)}`

const block = (name: string, note: string, value: unknown): string =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0
    ? `${label(name)}${note === "" ? "none" : note}`
    : `${`${label(name)}${note}`.trimEnd()}\n${fields(value, "  ")}`

const head = ({ name, stage }: Plan.PlannedNode, { clip, others }: Shown): string =>
  [
    `${paint.bold(stage.name)} ${stage.version}${name === stage.name ? "" : ` as ${name}`} on ${clip}`,
    ...(others.length === 0 ? [] : [paint.dim(`Also found: ${others.join(", ")}; choose one with \`spool plugin dev NODE\`.`)])
  ].join("\n")

/** The first lines of a stack that are the author's own. */
const ownLines = (stack: string): ReadonlyArray<string> =>
  stack
    .split("\n")
    .filter((line) => /^\s+at .*[/\\]/.test(line) && !/node_modules|node:|[/\\]packages[/\\](core|cli)[/\\]/.test(line))
    .slice(0, 4)

const failureText = (message: string, code: string, failure: StageFailure | undefined, stack: string | undefined): string =>
  [
    `${paint.red("✗")} ${inline(message)} (${code}${failure === undefined ? "" : `, retry: ${failure.retry}`})`,
    ...(failure === undefined
      ? ["  The stage threw an unexpected error; expected failures belong in its own error class."]
      : [`  ${failure.help}`]),
    ...(stack === undefined ? [] : ownLines(stack).map((line) => paint.dim(`  ${line.trim()}`)))
  ].join("\n")

/** A stage's input, config, output and time; or why there is no output. */
export const traceText = (node: Plan.PlannedNode, trace: NodeTrace, shown: Shown): string => {
  const { ended, failure, inputs, milliseconds, stack } = trace
  const end =
    ended.outcome === "done"
      ? block("output", node.stage.output._tag, ended.value)
      : ended.outcome === "skipped"
        ? `${paint.yellow("–")} skipped: ${inline(ended.message)} (${ended.code})`
        : failureText(ended.message, ended.code, failure, stack)
  return [
    head(node, shown),
    block("input", "", inputs),
    block("config", "", node.config),
    end,
    `${label("time")}${duration(milliseconds / 1000)}`
  ].join("\n")
}

/** The stage did not run: what stands before it failed. */
export const failedText = (node: Plan.PlannedNode, culprit: readonly [string, NodeTrace] | undefined, shown: Shown): string => {
  if (culprit === undefined) return `${head(node, shown)}\n${paint.yellow("–")} it did not run: an input is missing`
  const [name, { ended, failure, stack }] = culprit
  return ended.outcome === "done"
    ? head(node, shown)
    : `${head(node, shown)}\n  it did not run, because ${name} failed:\n${failureText(ended.message, ended.code, failure, stack)}`
}
