import type { Row, Value } from "@mediaspool/core"

/** What a thread that reads is told when it starts. */
export interface QueryThreadData {
  /** Absolute path of `spool.db`. */
  readonly file: string
}

/** A read. `ids`: the first column alone, as numbers. `version`: SQLite's count of other connections' commits. */
export interface QueryRequest {
  readonly gives: "rows" | "ids" | "version"
  readonly sql: string
  readonly values: ReadonlyArray<Value>
}

export type QueryReply =
  | { readonly rows: ReadonlyArray<Row> }
  | { readonly ids: Float64Array }
  | { readonly fault: { readonly code: string; readonly message: string } }
