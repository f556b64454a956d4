// Reads the library in a thread of its own: a count over a million rows holds up no sound and no other reader.
import type { Row, ThreadClient, Value } from "@mediaspool/core"
import Sqlite from "better-sqlite3"
import { parentPort, workerData } from "node:worker_threads"
import type { QueryReply, QueryRequest, QueryThreadData } from "./QueryMessage.js"

const { file }: QueryThreadData = workerData
/** A library that another program has locked is said to be so after this long. */
const LOCKED_AFTER_MILLIS = 2_000

let opened: Sqlite.Database | undefined
const connection = (): Sqlite.Database => {
  if (opened !== undefined) return opened
  opened = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: LOCKED_AFTER_MILLIS })
  opened.pragma("query_only = ON")
  // The system keeps the file's pages too: what is kept here twice, once for each thread, is memory that others need.
  opened.pragma("cache_size = -4096")
  opened.pragma("temp_store = MEMORY")
  return opened
}

/** Queries are many, but of few forms. */
const STATEMENTS_KEPT = 100
/** Statements by their text: what SQLite holds for one is freed only when V8 looks for garbage, which an idle thread seldom does. */
const kept = <Made>(make: (sql: string) => Made): ((sql: string) => Made) => {
  const prepared = new Map<string, Made>()
  return (sql) => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    if (prepared.size >= STATEMENTS_KEPT) prepared.clear()
    const made = make(sql)
    prepared.set(sql, made)
    return made
  }
}
const statement = kept((sql) => connection().prepare<Array<Value>, Row>(sql))
const column = kept((sql) => connection().prepare<Array<Value>, number>(sql).pluck())

/** The numbers of a large result, without an object for each row. */
const ids = (sql: string, values: ReadonlyArray<Value>): Float64Array => {
  let found = new Float64Array(4096)
  let count = 0
  for (const id of column(sql).iterate(...values)) {
    if (count === found.length) {
      const larger = new Float64Array(count * 2)
      larger.set(found)
      found = larger
    }
    found[count++] = id
  }
  return found.slice(0, count)
}

const answer = ({ gives, sql, values }: QueryRequest): QueryReply => {
  try {
    if (gives === "ids") return { ids: ids(sql, values) }
    if (gives === "version") return { rows: [{ version: Number(connection().pragma("data_version", { simple: true })) }] }
    return { rows: statement(sql).all(...values) }
  } catch (cause) {
    const code = cause instanceof Sqlite.SqliteError ? cause.code : ""
    return { fault: { code, message: cause instanceof Error ? cause.message : String(cause) } }
  }
}

parentPort?.on("message", ({ ticket, value }: ThreadClient.Ticketed<QueryRequest>) => {
  parentPort?.postMessage({ ticket, value: answer(value) } satisfies ThreadClient.Ticketed<QueryReply>)
})
