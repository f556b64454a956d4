import { Clock, Effect, Option } from "effect"
import { dirname } from "node:path"
import type { Row, Value } from "../stage/Library.js"
import * as RawPath from "../stage/RawPath.js"
import { Database } from "./Database.js"
import { isAlive } from "./ProcessLock.js"
import * as RunProgress from "./RunProgress.js"
import type { StoreError } from "./StoreError.js"

export type { Costs, RunPhase, WorkerStatus } from "./RunProgress.js"

/** One node of a run, over all files. */
export interface StageStatus extends RunProgress.StageProgress {
  /** Attempts ended a minute: over the last minute, or over the whole of a run that has ended. */
  readonly perMinute: number
  /** Seconds that an attempt takes; absent where none has run. */
  readonly p50Seconds: number | undefined
  readonly p95Seconds: number | undefined
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

/** A file and the step that fails for it. */
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

/** How a run stands, or ended, with what its attempts tell. */
export interface RunStatus extends Omit<RunProgress.RunProgress, "stages"> {
  /** In the plan's order. */
  readonly stages: Readonly<Record<string, StageStatus>>
  readonly slowest: ReadonlyArray<SlowFile>
  /** The newest first. */
  readonly failing: ReadonlyArray<FailingFile>
  /** Failures by step and code, those of most files first. */
  readonly causes: ReadonlyArray<Cause>
}

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

/** @param sorted ascending */
const quantile = (sorted: ReadonlyArray<number>, part: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

/** How many files of each list are named. */
const NAMED = 5

const statusOf = (database: Database["Type"], row: Row, now: number): RunStatus => {
  const progress = RunProgress.of(row, now, (owner) => isAlive(dirname(database.file), owner))
  const { id, longest, phase, pipeline, seconds, startedAt } = progress
  const attempts = database.rows(ATTEMPTS, [id]).map((attempt) => ({
    item: Number(attempt["item"]),
    node: text(attempt["node"]),
    seconds: Number(attempt["milliseconds"]) / 1000,
    endedAt: Number(attempt["started_at"]) + Number(attempt["milliseconds"])
  }))
  const minutes = phase === "running" ? Math.min(1, seconds / 60) : seconds / 60
  const stages = Object.entries(progress.stages).map(([node, stage]): readonly [string, StageStatus] => {
    const own = attempts.filter((attempt) => attempt.node === node)
    const sorted = own.map((attempt) => attempt.seconds).sort((a, b) => a - b)
    const recent = phase === "running" ? own.filter((attempt) => attempt.endedAt > now - 60_000) : own
    return [
      node,
      {
        ...stage,
        perMinute: minutes > 0 ? recent.length / minutes : 0,
        p50Seconds: quantile(sorted, 0.5),
        p95Seconds: quantile(sorted, 0.95)
      }
    ]
  })
  const pathOf = (item: number) => path(database.row("SELECT path FROM item WHERE id = ?", [item])?.["path"])
  const slow = attempts
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, NAMED)
    .map(({ item, node, seconds }) => ({ path: pathOf(item), node, seconds, isRunning: false }))
  const running = longest.map((each) => ({ ...each, isRunning: true }))
  return {
    ...progress,
    stages: Object.fromEntries(stages),
    slowest: [...running, ...slow].sort((a, b) => b.seconds - a.seconds).slice(0, NAMED),
    failing: database.rows(FAILING, [pipeline, startedAt, NAMED]).map(failingOf),
    causes: database.rows(CAUSES, [pipeline, startedAt, NAMED]).map((row) => ({ ...failingOf(row), files: Number(row["files"]) }))
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
      const where = `${RunProgress.FOR_PEOPLE} AND (? IS NULL OR pipeline = ?)`
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
          ? database.row(`SELECT * FROM run WHERE ${RunProgress.FOR_PEOPLE} ORDER BY id DESC LIMIT 1`, [])
          : database.row("SELECT * FROM run WHERE id = ?", [run])
      return Option.map(Option.fromNullable(row), (row) => statusOf(database, row, time))
    })
  })
