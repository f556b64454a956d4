import { type Row, ThreadClient, type Value } from "@mediaspool/core"
import { Effect, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import { type Away, away } from "../api/Problem.js"
import type { QueryReply, QueryRequest, QueryThreadData } from "./QueryMessage.js"

/** `looking` answers what somebody waits for; `counting` may take seconds. Each is a thread, and does one thing after the other. */
export type Lane = "looking" | "counting"

/** Reads of the library, off the thread that serves. A read that is interrupted before its turn is never made. */
export interface QueryClient {
  readonly rows: (sql: string, values: ReadonlyArray<Value>, lane?: Lane) => Effect.Effect<ReadonlyArray<Row>, Away>
  /** The numbers in the first column. */
  readonly ids: (sql: string, values: ReadonlyArray<Value>, lane?: Lane) => Effect.Effect<Float64Array, Away>
  /** Another number whenever somebody has written. */
  readonly version: Effect.Effect<number, Away>
}

const problem = ({ code, message }: { readonly code: string; readonly message: string }): Away =>
  away(
    "LibraryAway",
    code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")
      ? "another program has locked the library"
      : /^SQLITE_(CORRUPT|NOTADB)/.test(code)
        ? `the library's file is damaged: ${message}`
        : message
  )

type Ask = (request: QueryRequest) => Effect.Effect<QueryReply, Away>

const lane = (file: string): Effect.Effect<Ask, never, Scope.Scope> =>
  Effect.gen(function* () {
    const turn = yield* Effect.makeSemaphore(1)
    const thread = yield* ThreadClient.make<QueryRequest, QueryReply, Away>(
      () =>
        new Worker(ThreadClient.file(import.meta.url, "query.worker"), {
          workerData: { file } satisfies QueryThreadData,
          resourceLimits: ThreadClient.thrifty
        }),
      (cause) => away("LibraryAway", `a thread ended: ${cause}`)
    )
    return (request) => turn.withPermits(1)(thread.ask(request))
  })

/** @param file absolute path of `spool.db` */
export const make = (file: string): Effect.Effect<QueryClient, never, Scope.Scope> =>
  Effect.gen(function* () {
    const lanes: Readonly<Record<Lane, Ask>> = { looking: yield* lane(file), counting: yield* lane(file) }
    const rows = (gives: "rows" | "version", sql: string, values: ReadonlyArray<Value>, on: Lane) =>
      Effect.flatMap(lanes[on]({ gives, sql, values }), (reply) =>
        "rows" in reply
          ? Effect.succeed(reply.rows)
          : Effect.fail("fault" in reply ? problem(reply.fault) : away("LibraryAway", "a read gave no rows"))
      )
    return {
      rows: (sql, values, on = "looking") => rows("rows", sql, values, on),
      ids: (sql, values, on = "looking") =>
        Effect.flatMap(lanes[on]({ gives: "ids", sql, values }), (reply) =>
          "ids" in reply
            ? Effect.succeed(reply.ids)
            : Effect.fail("fault" in reply ? problem(reply.fault) : away("LibraryAway", "a read gave no numbers"))
        ),
      version: Effect.map(rows("version", "", [], "looking"), ([row]) => Number(row?.["version"] ?? 0))
    }
  })
