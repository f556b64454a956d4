import Table from "cli-table3"
import { paint } from "./Output.js"

const bare = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "" },
  ...{ "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "" }
}

export interface Column {
  readonly head: string
  readonly align?: "left" | "right"
}

/** Rows under headings, without lines: easy to read, to cut and to grep. */
export const table = (columns: ReadonlyArray<Column>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const drawn = new Table({
    head: columns.map(({ head }) => paint.dim(head)),
    colAligns: columns.map(({ align = "left" }) => align),
    chars: bare,
    style: { "padding-left": 0, "padding-right": 2, head: [], border: [], compact: true }
  })
  drawn.push(...rows.map((row) => [...row]))
  return drawn
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
}
