import { Array } from "effect"
import { paint } from "./Output.js"
import { count, counted } from "./Quantity.js"
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
 * Failures by code: what to do once, then each file with its cause and the nodes that met it. Names and causes come from outside
 * and are escaped.
 *
 * @param more where to see the rest: `spool errors --all`
 * @param each so many files of a code are named
 */
export const failureTable = (failures: ReadonlyArray<Failed>, more: string, each = namedEach): string =>
  Object.values(Array.groupBy(failures, ({ code }) => code))
    .map((group) => section(group, more, each))
    .join("\n\n")

const section = (group: Array.NonEmptyReadonlyArray<Failed>, more: string, each: number): string => {
  const [{ code, help }] = group
  const rows = Object.values(Array.groupBy(group, ({ message, path }) => `${path}\0${message}`)).map((same) => ({
    name: place(same[0].path),
    nodes: same.map(({ node }) => node).join(", "),
    cause: inline(same[0].message)
  }))
  const files = new Set(group.map(({ path }) => path)).size
  const column = Math.min(44, Math.max(...rows.slice(0, each).map(({ name }) => name.length)))
  return [
    `${paint.red(paint.bold(code))} ${paint.dim("·")} ${counted(files, "file")}`,
    `  ${help}`,
    ...rows
      .slice(0, each)
      .map(({ cause, name, nodes }) => `    ${name.padEnd(column)}  ${nodes}: ${paint.dim(shortened(cause, 200))}`),
    ...(rows.length > each ? [paint.dim(`    and ${count(rows.length - each)} more: ${more}`)] : [])
  ].join("\n")
}
