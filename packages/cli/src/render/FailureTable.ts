import { Array } from "effect"
import { paint } from "../Output.js"
import { counted } from "./Quantity.js"
import { inline, place, shortened } from "./Text.js"

export interface Failed {
  readonly path: string
  readonly node: string
  readonly code: string
  readonly message: string
  readonly help: string
}

/** So many files of one code are named; the rest is counted. */
const namedEach = 10

/**
 * Failures by node and code: what to do once, then each file with its cause. Names and causes come from outside and are escaped.
 *
 * @param more where to see the rest: `spool ls --state failed`
 */
export const failureTable = (failures: ReadonlyArray<Failed>, more: string): string => {
  const groups = Array.groupBy(failures, ({ node, code }) => `${node} ${code}`)
  return Object.values(groups)
    .map((group) => section(group, more))
    .join("\n\n")
}

const section = (group: Array.NonEmptyReadonlyArray<Failed>, more: string): string => {
  const [first] = group
  const named = group.slice(0, namedEach).map(({ path, message }) => ({ name: place(path), cause: inline(message) }))
  const column = Math.min(44, Math.max(...named.map(({ name }) => name.length)))
  return [
    `${paint.red(paint.bold(first.code))} ${paint.dim("in")} ${first.node} ${paint.dim("·")} ${counted(group.length, "file")}`,
    `  ${first.help}`,
    ...named.map(({ name, cause }) => `    ${name.padEnd(column)}  ${paint.dim(shortened(cause, 200))}`),
    ...(group.length > named.length ? [paint.dim(`    and ${counted(group.length - named.length, "more file")}: ${more}`)] : [])
  ].join("\n")
}
