import { Effect, Stream } from "effect"
import type { ExportFormat } from "../ExportFormat.js"

/**
 * One cell (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it, as OWASP advises; numbers
 * stay as they are.
 */
const cell = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  if (typeof value === "number") return String(value)
  const text = String(value)
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const line = (values: ReadonlyArray<unknown>): string => `${values.map(cell).join(",")}\r\n`

export const csv: ExportFormat = {
  kind: "file",
  summary: "Comma-separated values with a header; captions and tags as JSON",
  form: "columns",
  write: (pages, staging, { columns, isSplit }) =>
    Effect.gen(function* () {
      const names = columns.map(({ name }) => name)
      const file = yield* staging.file("")
      yield* file.write(line([...names, "captions", "tags", ...(isSplit ? ["split"] : [])]))
      yield* Stream.runForEach(pages, (rows) =>
        file.write(
          ...rows.map(({ captionsJson, media, split, tagsJson }) =>
            line([...names.map((name) => media[name]), captionsJson, tagsJson, ...(isSplit ? [split] : [])])
          )
        )
      )
      yield* Effect.flatMap(file.end, staging.add)
      return 0
    })
}
