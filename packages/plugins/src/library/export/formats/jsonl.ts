import { Effect, Stream } from "effect"
import type { ExportFormat, SplitRow } from "../ExportFormat.js"
import { jsonOf } from "../ExportRow.js"

/** The row with its part as the last field. */
export const withSplit = (row: SplitRow): string => {
  const json = jsonOf(row)
  return row.split === undefined ? json : `${json.slice(0, -1)},"split":${JSON.stringify(row.split)}}`
}

export const jsonl: ExportFormat = {
  kind: "file",
  summary: "One JSON object a line",
  writeLines: (lines, staging) =>
    Effect.gen(function* () {
      const file = yield* staging.file("")
      yield* Stream.runForEach(lines, file.write)
      yield* Effect.flatMap(file.end, staging.add)
      return 0
    }),
  write: (pages, staging) =>
    Effect.gen(function* () {
      const file = yield* staging.file("")
      yield* Stream.runForEach(pages, (rows) => file.write(...rows.map((row) => `${withSplit(row)}\n`)))
      yield* Effect.flatMap(file.end, staging.add)
      return 0
    })
}
