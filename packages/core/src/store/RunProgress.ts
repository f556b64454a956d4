import { BigDecimal, Option, Schema } from "effect"
import type { Row, Statement, Value } from "../stage/Library.js"

/** Decimal strings by currency. */
export type Costs = Readonly<Record<string, string>>

const Counts = Schema.Struct({
  ran: Schema.Number,
  cached: Schema.Number,
  skipped: Schema.Number,
  failed: Schema.Number,
  waiting: Schema.Number
})
const ByCurrency = Schema.Record({ key: Schema.String, value: Schema.String })

/** An outside service that is away, as the run that waits for it knows it. */
export const Outage = Schema.Struct({
  /** `provider:dashscope-intl`, `account:asr` */
  resource: Schema.String,
  /** Nodes of the plan that need it. */
  nodes: Schema.Array(Schema.String),
  /** What it said. */
  code: Schema.String,
  message: Schema.String,
  help: Schema.String,
  /** Milliseconds since 1970. */
  since: Schema.Number,
  /** When one request tries it again; absent while one does. */
  probeAt: Schema.optional(Schema.Number),
  /** Attempts that wait for it, in all runs of the process. */
  waiting: Schema.Number
})

/** Steps that an account's limits hold back. */
export const Limit = Schema.Struct({
  /** `provider:dashscope-intl`, `account:asr` */
  resource: Schema.String,
  /** Nodes of the plan whose steps wait. */
  nodes: Schema.Array(Schema.String),
  /** `place`: as many requests as it allows are under way. `turn`: its requests or units a minute are used up. */
  reason: Schema.Literal("place", "turn"),
  /** Steps that wait. */
  waiting: Schema.Number
})

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
  /** Services that are away; absent where none is. */
  outages: Schema.optional(Schema.Array(Outage)),
  /** Limits that hold steps back; absent where none does. */
  limits: Schema.optional(Schema.Array(Limit)),
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
    expected: Schema.optional(Schema.Number),
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

/** `died`: its process ended without a word. */
export type RunPhase = "running" | "finished" | "drained" | "interrupted" | "stopped" | "died"

/** How far one node of a run is, over all files. */
export interface StageProgress {
  /** Files in flight that have not come to it yet, or wait for a free place there. */
  readonly queued: number
  /** Attempts under way. */
  readonly running: number
  readonly ran: number
  readonly cached: number
  readonly skipped: number
  readonly failed: number
  readonly waiting: number
  readonly cost: Costs
}

/** How a run stands, or ended, by what it posts of itself: one row is read. */
export interface RunProgress {
  readonly id: number
  readonly pipeline: string
  /** The process that runs it. */
  readonly owner: string
  readonly phase: RunPhase
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number | undefined
  /** When it last told of itself, while it goes on. */
  readonly toldAt: number
  readonly seconds: number
  readonly items: { readonly total: number; readonly done: number; readonly failed: number; readonly waiting: number }
  readonly inFlight: number
  /** Files that it will look at in all, once that is known. */
  readonly expected: number | undefined
  /** Files ended a minute: over the last minute, or over the whole of a run that has ended. */
  readonly perMinute: number | undefined
  /** In the plan's order. */
  readonly stages: Readonly<Record<string, StageProgress>>
  readonly cost: Costs
  /** Attempts that are under way for longest. */
  readonly longest: (typeof Live.Type)["longest"]
  /** Services that are away at the moment. */
  readonly outages: ReadonlyArray<typeof Outage.Type>
  /** Limits of accounts that hold steps back at the moment. */
  readonly limits: ReadonlyArray<typeof Limit.Type>
  /** That are there while it runs, where any of its nodes may run elsewhere. */
  readonly workers: ReadonlyArray<WorkerStatus>
  /** Budgets that hold work back. */
  readonly waitingFor: ReadonlyArray<string>
  /** Nodes whose edits are on trial. */
  readonly canaries: ReadonlyArray<string>
}

/** Plans and trials of edits are no runs for people. */
export const FOR_PEOPLE = `(summary IS NULL OR summary NOT LIKE '%"purpose":%')`

/** The row of a pipeline's last run. */
export const last = (pipeline: string): Statement => ({
  sql: `SELECT * FROM run WHERE pipeline = ? AND ${FOR_PEOPLE} ORDER BY id DESC LIMIT 1`,
  values: [pipeline]
})

const text = (value: Value | undefined): string => (typeof value === "string" ? value : "")

const decimal = ({ scale, value }: { readonly scale: number; readonly value: string }): string =>
  Option.match(BigDecimal.fromString(value), {
    onNone: () => "0",
    onSome: (digits) => BigDecimal.format(BigDecimal.normalize(BigDecimal.make(digits.value, scale)))
  })

const phaseOf = (row: Row, lives: (owner: string) => boolean): RunPhase => {
  switch (row["outcome"]) {
    case "finished":
    case "drained":
    case "interrupted":
    case "stopped":
      return row["outcome"]
    default:
      return lives(text(row["owner"])) ? "running" : "died"
  }
}

/**
 * A row of `run`, for people.
 *
 * @param now milliseconds since 1970
 * @param lives whether the process of an owner lives; asked only of a run that has not ended
 */
export const of = (row: Row, now: number, lives: (owner: string) => boolean): RunProgress => {
  const startedAt = Number(row["started_at"])
  const phase = phaseOf(row, lives)
  const told = Option.getOrElse(Schema.decodeUnknownOption(Told)(row["summary"]), () => none)
  const live = phase === "running" ? told.live : undefined
  const seconds = phase === "running" ? (now - startedAt) / 1000 : told.seconds
  return {
    id: Number(row["id"]),
    pipeline: text(row["pipeline"]),
    owner: text(row["owner"]),
    phase,
    startedAt,
    endedAt: typeof row["ended_at"] === "number" ? row["ended_at"] : undefined,
    toldAt: told.live?.at ?? startedAt,
    seconds,
    items: told.items,
    inFlight: live?.inFlight ?? 0,
    expected: told.expected,
    perMinute: live?.perMinute ?? (seconds > 0 && phase !== "running" ? told.items.total / (seconds / 60) : undefined),
    stages: Object.fromEntries(
      Object.entries(told.stages).map(([node, counts]) => [
        node,
        {
          queued: live?.nodes[node]?.queued ?? 0,
          running: live?.nodes[node]?.running ?? 0,
          ...counts,
          cost: told.costs[node] ?? {}
        }
      ])
    ),
    cost: Object.fromEntries(told.cost.map(({ amount, currency }) => [currency, decimal(amount)])),
    longest: live?.longest ?? [],
    outages: live?.outages ?? [],
    limits: live?.limits ?? [],
    workers: live?.workers ?? [],
    waitingFor: told.waitingFor,
    canaries: told.canaries
  }
}
