const row = (cells: ReadonlyArray<string>, widths: ReadonlyArray<number>) =>
  `| ${cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(" | ")} |`

/** A table; the first row is its head. */
export const markdown = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((cells) => cells[n]?.length ?? 0)))
  const [head = [], ...body] = rows
  return [head, widths.map((width) => "-".repeat(width)), ...body].map((cells) => row(cells, widths)).join("\n")
}
