/** Columns that a text takes: a Chinese character, and its punctuation, takes two. */
const widthOf = (text: string): number => text.length + (text.match(/[\u2e80-\u9fff\uff01-\uff60]/g)?.length ?? 0)

const row = (cells: ReadonlyArray<string>, widths: ReadonlyArray<number>) =>
  `| ${cells.map((cell, n) => cell + " ".repeat((widths[n] ?? 0) - widthOf(cell))).join(" | ")} |`

/** A table; the first row is its head. */
export const markdown = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((cells) => widthOf(cells[n] ?? ""))))
  const [head = [], ...body] = rows
  return [head, widths.map((width) => "-".repeat(width)), ...body].map((cells) => row(cells, widths)).join("\n")
}
