import { BigDecimal, Clock, Effect, Option, Schema } from "effect"
import { dirname } from "node:path"
import type { Row, Value } from "../stage/Library.js"
import * as RawPath from "../stage/RawPath.js"
import { Database } from "./Database.js"
import { isAlive } from "./ProcessLock.js"
import type { StoreError } from "./StoreError.js"

/** Decimal strings by currency. */
export type Costs = Readonly<Record<string, string>>

/** One node of a run, over all files. */
export interface StageStatus {
  /** Files in flight that have not come to it yet, or wait for a free place there. */
  readonly queued: number
  /** Attempts under way. */
  readonly running: number
  readonly ran: number
  readonly cached: number
  readonly skipped: number
  readonly failed: number
  readonly waiting: number
  /** Attempts ended a minute: over the last minute, or over the whole of a run that has ended. */
  readonly perMinute: number
  /** Seconds that an attempt takes; absent where none has run. */
  readonly p50Seconds: number | undefined
  readonly p95Seconds: number | undefined
  readonly cost: Costs
}

/** A file that takes long, or took long. */
export interface SlowFile {
  /** Absolute; a RawPath. */
  readonly path: string
  readonly node: string
  readonly seconds: number
  /** It is under way. */
  readonly isRunning: boolean
}

export interface FailingFile {
  readonly path: string
  readonly node: string
  readonly code: string
  readonly message: string
  readonly help: string
  /** Whether it waits for something outside, and goes on by itself. */
  readonly waits: boolean
}

/** What keeps files from being done: how many it keeps, and one of them. */
export interface Cause extends FailingFile {
  readonly files: number
}

/** A machine that runs stages for a run. */
export const WorkerStatus = Schema.Struct({
  /** Of the machine, with the process: `studio-2/4711`. */
  name: Schema.String,
  version: Schema.String,
  /** With its version; empty where there is none. */
  engine: Schema.String,
  slots: Schema.Number,
  /** Jobs that it works on. */
  running: Schema.Number,
  /** Jobs in the last minute. */
  perMinute: Schema.Number,
  /** It takes nothing new. */
  isDraining: Schema.Boolean
})
export type WorkerStatus = typeof WorkerStatus.Type

/** `died`: its process ended without a word. */
export type RunPhase = "running" | "finished" | "drained" | "interrupted" | "stopped" | "died"

/** How a run stands, or ended. */
export interface RunStatus {
  readonly id: number
  readonly pipeline: string
  readonly phase: RunPhase
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly seconds: number
  readonly items: { readonly total: number; readonly done: number; readonly failed: number; readonly waiting: number }
  readonly inFlight: number
  /** Files ended a minute. */
  readonly perMinute: number | undefined
  /** In the plan's order. */
  readonly stages: Readonly<Record<string, StageStatus>>
  readonly cost: Costs
  readonly slowest: ReadonlyArray<SlowFile>
  /** That are there while it runs, where any of its nodes may run elsewhere. */
  readonly workers: ReadonlyArray<WorkerStatus>
  /** The newest first. */
  readonly failing: ReadonlyArray<FailingFile>
  /** Failures by step and code, those of most files first. */
  readonly causes: ReadonlyArray<Cause>
  /** Budgets that hold work back. */
  readonly waitingFor: ReadonlyArray<string>
  /** Nodes whose edits are on trial. */
  readonly canaries: ReadonlyArray<string>
}

const Counts = Schema.Struct({
  ran: Schema.Number,
  cached: Schema.Number,
  skipped: Schema.Number,
  failed: Schema.Number,
  waiting: Schema.Number
})
const ByCurrency = Schema.Record({ key: Schema.String, value: Schema.String })

/** What a run posts of itself every second beside its summary, for those who watch from another process. */
export const Live = Schema.Struct({
  /** Milliseconds since 1970. */
  at: Schema.Number,
  inFlight: Schema.Number,
  /** Files ended a minute. */
  perMinute: Schema.optional(Schema.Number),
  nodes: Schema.Record({ key: Schema.String, value: Schema.Struct({ queued: Schema.Number, running: Schema.Number }) }),
  /** Attempts that are under way for longest. */
  longest: Schema.Array(Schema.Struct({ path: Schema.String, node: Schema.String, seconds: Schema.Number })),
  workers: Schema.optional(Schema.Array(WorkerStatus))
})

/** The column `run.summary`, as far as it is needed here. */
const Told = Schema.parseJson(
  Schema.Struct({
    items: Schema.Struct({ total: Schema.Number, done: Schema.Number, failed: Schema.Number, waiting: Schema.Number }),
    stages: Schema.Record({ key: Schema.String, value: Counts }),
    // As a BigDecimal says itself.
    cost: Schema.optionalWith(
      Schema.Array(
        Schema.Struct({ currency: Schema.String, amount: Schema.Struct({ value: Schema.String, scale: Schema.Number }) })
      ),
      { default: () => [] }
    ),
    seconds: Schema.optionalWith(Schema.Number, { default: () => 0 }),
    waitingFor: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
    canaries: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
    costs: Schema.optionalWith(Schema.Record({ key: Schema.String, value: ByCurrency }), { default: () => ({}) }),
    live: Schema.optional(Live)
  })
)

const none: typeof Told.Type = {
  items: { total: 0, done: 0, failed: 0, waiting: 0 },
  stages: {},
  cost: [],
  seconds: 0,
  waitingFor: [],
  canaries: [],
  costs: {}
}

/** Plans and trials of edits are no runs for people. */
const FOR_PEOPLE = `(summary IS NULL OR summary NOT LIKE '%"purpose":%')`

/** The newest attempts are enough for rates and percentiles: ids follow time. */
const ATTEMPTS_SEEN = 20_000
const ATTEMPTS = `SELECT item, node, milliseconds, started_at FROM attempt
WHERE run = ? AND outcome <> 'skipped' AND id > (SELECT coalesce(max(id), 0) FROM attempt) - ${ATTEMPTS_SEEN}`
const FAILING = `SELECT path, node, code, message, help, retry FROM failure JOIN item ON item.id = failure.item
WHERE gone_at = 0 AND pipeline = ? AND failed_at >= ? ORDER BY failed_at DESC, item, node LIMIT ?`

/** Bare columns are those of the row with the largest time. */
const CAUSES = `SELECT path, node, code, message, help, retry, count(DISTINCT item) AS files, max(failed_at)
FROM failure JOIN item ON item.id = failure.item
WHERE gone_at = 0 AND pipeline = ? AND failed_at >= ? GROUP BY node, code ORDER BY files DESC, node, code LIMIT ?`

const text = (value: Value | undefined): string => (typeof value === "string" ? value : "")
const path = (value: Value | undefined): string => (value instanceof Uint8Array ? RawPath.fromBytes(value) : "")

const failingOf = (row: Row): FailingFile => ({
  path: path(row["path"]),
  node: text(row["node"]),
  code: text(row["code"]),
  message: text(row["message"]),
  help: text(row["help"]),
  waits: row["retry"] === "later"
})

const decimal = ({ scale, value }: { readonly scale: number; readonly value: string }): string =>
  Option.match(BigDecimal.fromString(value), {
    onNone: () => "0",
    onSome: (digits) => BigDecimal.format(BigDecimal.normalize(BigDecimal.make(digits.value, scale)))
  })

/** @param sorted ascending */
const quantile = (sorted: ReadonlyArray<number>, part: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

const phaseOf = (row: Row, alive: boolean): RunPhase => {
  switch (row["outcome"]) {
    case "finished":
    case "drained":
    case "interrupted":
    case "stopped":
      return row["outcome"]
    default:
      return alive ? "running" : "died"
  }
}

/** How many files of each list are named. */
const NAMED = 5

const statusOf = (database: Database["Type"], row: Row, now: number): RunStatus => {
  const id = Number(row["id"])
  const pipeline = text(row["pipeline"])
  const startedAt = Number(row["started_at"])
  const endedAt = typeof row["ended_at"] === "number" ? row["ended_at"] : undefined
  const phase = phaseOf(row, endedAt === undefined && isAlive(dirname(database.file), text(row["owner"])))
  const told = Option.getOrElse(Schema.decodeUnknownOption(Told)(row["summary"]), () => none)
  const live = phase === "running" ? told.live : undefined
  const seconds = endedAt !== undefined ? told.seconds : phase === "running" ? (now - startedAt) / 1000 : told.seconds
  const attempts = database.rows(ATTEMPTS, [id]).map((attempt) => ({
    item: Number(attempt["item"]),
    node: text(attempt["node"]),
    seconds: Number(attempt["milliseconds"]) / 1000,
    endedAt: Number(attempt["started_at"]) + Number(attempt["milliseconds"])
  }))
  const minutes = phase === "running" ? Math.min(1, seconds / 60) : seconds / 60
  const stages = Object.entries(told.stages).map(([node, counts]): readonly [string, StageStatus] => {
    const own = attempts.filter((attempt) => attempt.node === node)
    const sorted = own.map((attempt) => attempt.seconds).sort((a, b) => a - b)
    const recent = phase === "running" ? own.filter((attempt) => attempt.endedAt > now - 60_000) : own
    return [
      node,
      {
        queued: live?.nodes[node]?.queued ?? 0,
        running: live?.nodes[node]?.running ?? 0,
        ...counts,
        perMinute: minutes > 0 ? recent.length / minutes : 0,
        p50Seconds: quantile(sorted, 0.5),
        p95Seconds: quantile(sorted, 0.95),
        cost: told.costs[node] ?? {}
      }
    ]
  })
  const pathOf = (item: number) => path(database.row("SELECT path FROM item WHERE id = ?", [item])?.["path"])
  const slow = attempts
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, NAMED)
    .map(({ item, node, seconds }) => ({ path: pathOf(item), node, seconds, isRunning: false }))
  const running = (live?.longest ?? []).map((each) => ({ ...each, isRunning: true }))
  return {
    id,
    pipeline,
    phase,
    startedAt,
    endedAt,
    seconds,
    items: told.items,
    inFlight: live?.inFlight ?? 0,
    perMinute: live?.perMinute ?? (minutes > 0 && phase !== "running" ? told.items.total / minutes : undefined),
    stages: Object.fromEntries(stages),
    cost: Object.fromEntries(told.cost.map(({ amount, currency }) => [currency, decimal(amount)])),
    workers: live?.workers ?? [],
    slowest: [...running, ...slow].sort((a, b) => b.seconds - a.seconds).slice(0, NAMED),
    failing: database.rows(FAILING, [pipeline, startedAt, NAMED]).map(failingOf),
    causes: database
      .rows(CAUSES, [pipeline, startedAt, NAMED])
      .map((row) => ({ ...failingOf(row), files: Number(row["files"]) })),
    waitingFor: told.waitingFor,
    canaries: told.canaries
  }
}

/**
 * How runs stand: all that go on, of every process; where none does, the last one.
 *
 * @param pipeline only of this one
 */
export const now = (pipeline?: string): Effect.Effect<ReadonlyArray<RunStatus>, StoreError, Database> =>
  Effect.gen(function* () {
    const database = yield* Database
    const time = yield* Clock.currentTimeMillis
    return yield* database.reading(() => {
      const where = `${FOR_PEOPLE} AND (? IS NULL OR pipeline = ?)`
      const values = [pipeline ?? null, pipeline ?? null]
      const open = database
        .rows(`SELECT * FROM run WHERE ended_at IS NULL AND ${where} ORDER BY id`, values)
        .filter((row) => isAlive(dirname(database.file), text(row["owner"])))
      const rows = open.length > 0 ? open : database.rows(`SELECT * FROM run WHERE ${where} ORDER BY id DESC LIMIT 1`, values)
      return rows.map((row) => statusOf(database, row, time))
    })
  })

/** One run by its number, or the last one. */
export const of = (run?: number): Effect.Effect<Option.Option<RunStatus>, StoreError, Database> =>
  Effect.gen(function* () {
    const database = yield* Database
    const time = yield* Clock.currentTimeMillis
    return yield* database.reading(() => {
      const row =
        run === undefined
          ? database.row(`SELECT * FROM run WHERE ${FOR_PEOPLE} ORDER BY id DESC LIMIT 1`, [])
          : database.row("SELECT * FROM run WHERE id = ?", [run])
      return Option.map(Option.fromNullable(row), (row) => statusOf(database, row, time))
    })
  })
