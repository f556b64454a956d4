import type { Row } from "@mediaspool/core"
import { type History, historyKey } from "./RunForecast.js"

const seen = (calls: string) =>
  `SELECT node, account, model, avg(input_tokens - coalesce(audio_tokens, 0)) AS text, avg(output_tokens) AS output
   FROM ${calls} WHERE state = 'answered' AND input_tokens IS NOT NULL GROUP BY node, account, model HAVING count(*) >= 3`

/** What requests used, over all of them. */
export const ALL = seen("call")
/** Over the last thousands: found by an index, where somebody waits. */
export const LATEST = seen("(SELECT * FROM call WHERE answered_at IS NOT NULL ORDER BY answered_at DESC LIMIT 5000)")

/** Rows of {@link ALL} or {@link LATEST}. */
export const of = (rows: ReadonlyArray<Row>): History["tokens"] =>
  new Map(
    rows.map((row) => [
      historyKey(String(row["node"]), String(row["account"]), String(row["model"])),
      { text: Number(row["text"]), output: Number(row["output"]) }
    ])
  )
