import { code, page, table } from "./markdown.mjs"
import { modulesOf } from "./modules.mjs"

const meaning = {
  now: "tried again at once, as often as the node's `retry` says, then by the next run",
  later: "the service is away or exhausted: the item waits, and the work goes on by itself",
  never: "the same file would fail again: remembered until `spool requeue`",
  config: "a setting must be changed: the run stops before it does anything else",
  skip: "the stage does not apply: it is skipped with what depends on it, and the item is done"
}

/** Every failure class of the packages, in the order of the rooms. */
export const failures = async () => {
  const found = []
  for (const name of ["core", "plugins", "server", "workers"])
    for (const { exports, path } of await modulesOf(name, /Failure\.Class</))
      for (const value of Object.values(exports))
        if (typeof value === "function" && value.reasons !== undefined)
          found.push({ name, path, tag: value._tag, reasons: value.reasons })
  return found
}

export const errors = async () => {
  const classes = await failures()
  const section = ({ name, path, reasons, tag }) =>
    [
      `## ${tag}`,
      `From \`packages/${name}/src/${path}\`.`,
      table(
        ["code", "retry", "what to do"],
        Object.entries(reasons).map(([each, { help, retry }]) => [code(each), retry, help])
      )
    ].join("\n\n")
  return page(
    "Errors",
    "Whatever goes wrong with a file is a row: the stage, a stable code, what happened, and what to do. The retry class says how it is met.",
    table(
      ["retry", "how it is met"],
      Object.entries(meaning).map(([retry, how]) => [code(retry), how])
    ),
    ...classes.map(section)
  )
}
