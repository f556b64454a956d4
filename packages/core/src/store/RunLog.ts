import { Context, Effect, Layer } from "effect"
import type { Money } from "../stage/Cost.js"
import type { StageFailure } from "../stage/Failure.js"
import type { Row } from "../stage/Library.js"
import { decimal } from "./CallLog.js"
import { Database } from "./Database.js"
import { ProcessLock } from "./ProcessLock.js"
import type { StoreError } from "./StoreError.js"

/** One try of one node for one item. */
export interface AttemptRow {
  readonly run: number
  readonly item: number
  readonly node: string
  readonly key: string
  /** From 1. */
  readonly try: number
  readonly outcome: "ran" | "skipped" | "failed" | "waiting"
  readonly failure: Pick<StageFailure, "code" | "message"> | undefined
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly milliseconds: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly price: Money | undefined
}

/** `drained`: asked to stop, it finished what it had begun. `stopped`: by a failure that a person must mend. */
export type RunOutcome = "finished" | "drained" | "interrupted" | "stopped"

/** A row of the run log, for people. */
export interface RunRow {
  readonly id: number
  readonly pipeline: string
  readonly startedAt: number
  readonly endedAt: number | undefined
  /** `undefined` while it runs, or when its process died. */
  readonly outcome: string | undefined
  /** The run's summary as JSON; while it runs, as of a second ago, with `inFlight` and `at`. `purpose`: it was none for people. */
  readonly summary: string | undefined
}

/** Runs and plans as they are kept for reports. */
export interface Service {
  /** The row of a plan: the same fingerprint is the same row. */
  readonly plan: (plan: {
    readonly pipeline: string
    readonly fingerprint: string
    readonly description: string
    readonly readsLocation: boolean
  }) => Effect.Effect<number, StoreError>
  /** @param purpose of a run that isn't one for people: it only plans, or tries an edit */
  readonly start: (pipeline: string, plan: number, purpose?: "plan" | "canary") => Effect.Effect<number, StoreError>
  readonly attempt: (row: AttemptRow) => void
  /** Posts how a run stands, in the place of its summary: other processes read it there. */
  readonly progress: (run: number, summary: string) => void
  readonly end: (run: number, outcome: RunOutcome, summary: string) => Effect.Effect<void, StoreError>
  /** The newest runs, newest first. */
  readonly recent: (limit: number) => Effect.Effect<ReadonlyArray<RunRow>, StoreError>
}

const runOf = (row: Row): RunRow => ({
  id: Number(row["id"]),
  pipeline: String(row["pipeline"]),
  startedAt: Number(row["started_at"]),
  endedAt: typeof row["ended_at"] === "number" ? row["ended_at"] : undefined,
  outcome: typeof row["outcome"] === "string" ? row["outcome"] : undefined,
  summary: typeof row["summary"] === "string" ? row["summary"] : undefined
})

const make = Effect.gen(function* () {
  const database = yield* Database
  const owner = yield* ProcessLock
  const attempt =
    database.prepare(`INSERT INTO attempt (run, item, node, key, try, outcome, code, message, started_at, milliseconds,
    input_tokens, output_tokens, amount, currency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)

  const progress = database.prepare("UPDATE run SET summary = ? WHERE id = ? AND ended_at IS NULL")

  // Most tries: half the values to carry.
  const ran = database.prepare(`INSERT INTO attempt (run, item, node, key, try, outcome, started_at, milliseconds, input_tokens,
    output_tokens) VALUES (?, ?, ?, ?, ?, 'ran', ?, ?, 0, 0)`)

  const service: Service = {
    plan: ({ description, fingerprint, pipeline, readsLocation }) =>
      Effect.gen(function* () {
        const known = yield* database.reading(() => database.row("SELECT id FROM plan WHERE fingerprint = ?", [fingerprint]))
        if (known !== undefined) return Number(known["id"])
        const [written] = yield* database.write([
          {
            sql: `INSERT INTO plan (pipeline, fingerprint, description, reads_location, made_at) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (fingerprint) DO UPDATE SET pipeline = pipeline RETURNING id`,
            values: [pipeline, fingerprint, description, Number(readsLocation), Date.now()]
          }
        ])
        return Number(written?.rows[0]?.["id"])
      }),
    start: (pipeline, plan, purpose) =>
      Effect.map(
        database.write([
          {
            sql: "INSERT INTO run (pipeline, plan, owner, started_at, summary) VALUES (?, ?, ?, ?, ?) RETURNING id",
            values: [pipeline, plan, owner.id, Date.now(), purpose === undefined ? null : JSON.stringify({ purpose })]
          }
        ]),
        ([written]) => Number(written?.rows[0]?.["id"])
      ),
    attempt: ({
      failure,
      inputTokens,
      item,
      key,
      milliseconds,
      node,
      outcome,
      outputTokens,
      price,
      run,
      startedAt,
      try: tries
    }) =>
      outcome === "ran" && price === undefined && inputTokens === 0 && outputTokens === 0
        ? database.post(ran, [run, item, node, key, tries, startedAt, milliseconds])
        : database.post(attempt, [
            run,
            item,
            node,
            key,
            tries,
            outcome,
            failure?.code ?? null,
            failure?.message ?? null,
            startedAt,
            milliseconds,
            inputTokens,
            outputTokens,
            decimal(price),
            price?.currency ?? null
          ]),
    progress: (run, summary) => database.post(progress, [summary, run]),
    end: (run, outcome, summary) =>
      database.write([
        { sql: "UPDATE run SET outcome = ?, summary = ?, ended_at = ? WHERE id = ?", values: [outcome, summary, Date.now(), run] }
      ]),
    recent: (limit) => database.reading(() => database.rows("SELECT * FROM run ORDER BY id DESC LIMIT ?", [limit]).map(runOf))
  }
  return service
})

/** What ran when, and what each try came to. */
export class RunLog extends Context.Tag("@mediaspool/core/RunLog")<RunLog, Service>() {
  static readonly layer: Layer.Layer<RunLog, never, Database | ProcessLock> = Layer.effect(RunLog, make)
}
