/** Cells may not end their cell or their row. */
const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ")

/** A table; a column that is empty in every row stays away. */
export const table = (heads, rows) => {
  const kept = heads.map((_, n) => n).filter((n) => rows.some((row) => (row[n] ?? "") !== ""))
  const line = (cells) => `| ${kept.map((n) => cell(cells[n] ?? "")).join(" | ")} |`
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n")
}

export const code = (text) => `\`${text}\``

/** `Field.ts` and whatever generated this page say the same. */
export const generated = "<!-- Made by `npm run reference` from the code. Change the code instead. -->"

export const page = (title, ...blocks) => `${[generated, `# ${title}`, ...blocks].filter((block) => block !== "").join("\n\n")}\n`
