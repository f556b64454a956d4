import { Effect, Stream } from "effect"
import type { ExportFormat, SplitRow } from "../ExportFormat.js"

/** The row with its part as the last field. */
export const withSplit = ({ json, split }: SplitRow): string =>
  split === undefined ? json : `${json.slice(0, -1)},"split":${JSON.stringify(split)}}`

export const jsonl: ExportFormat = {
  kind: "file",
  summary: "One JSON object a line",
  write: (pages, staging) =>
    Effect.gen(function* () {
      const file = yield* staging.file("")
      yield* Stream.runForEach(pages, (rows) => file.write(rows.map((row) => `${withSplit(row)}\n`).join("")))
      yield* Effect.flatMap(file.end, staging.add)
      return 0
    })
}
