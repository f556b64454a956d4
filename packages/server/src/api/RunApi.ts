import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { Away, Refused } from "./Problem.js"

export const NodeCounts = Schema.Struct({
  /** Files in flight that have not come to it yet, or wait for a free place there. */
  queued: Schema.Int,
  /** Attempts under way. */
  running: Schema.Int,
  ran: Schema.Int,
  cached: Schema.Int,
  skipped: Schema.Int,
  failed: Schema.Int,
  waiting: Schema.Int
})

/** A node of a pipeline, and the nodes it takes its inputs from. */
export const GraphNode = Schema.Struct({
  name: Schema.String,
  stage: Schema.String,
  summary: Schema.String,
  inputs: Schema.Array(Schema.String)
})

export const Money = Schema.Struct({ amount: Schema.String, currency: Schema.String })

/** A service that is away, as the run that waits for it says. */
export const Outage = Schema.Struct({
  /** A provider, or an account. */
  service: Schema.String,
  nodes: Schema.Array(Schema.String),
  code: Schema.String,
  message: Schema.String,
  help: Schema.String,
  /** ISO 8601 */
  since: Schema.String,
  /** ISO 8601: when one request tries it again; null while one does. */
  probeAt: Schema.NullOr(Schema.String),
  /** Steps that wait for it. */
  waiting: Schema.Int
})

/** Steps that an account's limits hold back. */
export const Limit = Schema.Struct({
  /** A provider, or an account. */
  service: Schema.String,
  nodes: Schema.Array(Schema.String),
  /** `place`: as many requests as it allows are under way. `turn`: its requests or units a minute are used up. */
  reason: Schema.Literal("place", "turn"),
  /** Steps that wait. */
  waiting: Schema.Int
})

/** A run that goes on, or went on last. */
export const RunState = Schema.Struct({
  id: Schema.Int,
  /** `running`, `finished`, `drained`, `interrupted`, `stopped`, or `died` */
  outcome: Schema.String,
  /** ISO 8601 */
  startedAt: Schema.String,
  endedAt: Schema.NullOr(Schema.String),
  items: Schema.Struct({ total: Schema.Int, done: Schema.Int, failed: Schema.Int, waiting: Schema.Int }),
  /** Files that are under way. */
  inFlight: Schema.Int,
  /** Files that it will look at in all, once that is known. */
  expected: Schema.NullOr(Schema.Int),
  nodes: Schema.Record({ key: Schema.String, value: NodeCounts }),
  /** Files ended a minute, over the last minute. */
  perMinute: Schema.NullOr(Schema.Number),
  secondsLeft: Schema.NullOr(Schema.Number),
  cost: Schema.Array(Money),
  /** Budgets that hold work back, by name: `budget:dashscope-intl`. */
  budgets: Schema.Array(Schema.String),
  /** Services that are away at the moment; known of a run that goes on. */
  outages: Schema.Array(Outage),
  /** Limits that hold steps back at the moment. */
  limits: Schema.Array(Limit),
  /** Files ended, a sample a second; the newest last. */
  samples: Schema.Array(Schema.Int)
})
export type RunState = typeof RunState.Type

/** Work that waits for something outside, and why. */
const WaitingFor = Schema.Struct({
  node: Schema.String,
  code: Schema.String,
  message: Schema.String,
  help: Schema.String,
  files: Schema.Int
})

export const Budget = Schema.Struct({
  /** A provider, or a pipeline. */
  name: Schema.String,
  spent: Schema.String,
  limit: Schema.NullOr(Schema.String),
  currency: Schema.String,
  per: Schema.Literal("run", "day", "month")
})

/** A machine that shares the work. */
export const Worker = Schema.Struct({
  host: Schema.String,
  pid: Schema.Int,
  slots: Schema.Int,
  /** Jobs under way. */
  running: Schema.Int,
  done: Schema.Int,
  failed: Schema.Int,
  /** Jobs a minute. */
  rate: Schema.Number,
  draining: Schema.Boolean,
  /** Why jobs of a stage don't go there. */
  refuses: Schema.Array(Schema.Struct({ stage: Schema.String, reason: Schema.String }))
})

export const PipelineState = Schema.Struct({
  name: Schema.String,
  /** Absolute; null without a source folder. */
  folder: Schema.NullOr(Schema.String),
  nodes: Schema.Array(GraphNode),
  isPaused: Schema.Boolean,
  /** Whose run goes on: this page's, the watcher's, or another process's; null: none does. The watcher's can't be stopped alone. */
  runBy: Schema.NullOr(Schema.Literal("page", "watcher", "other")),
  run: Schema.NullOr(RunState),
  waitingFor: Schema.Array(WaitingFor)
})
export type PipelineState = typeof PipelineState.Type

/** An edit of a node that is being tried on some files. */
export const Canary = Schema.Struct({
  pipeline: Schema.String,
  node: Schema.String,
  /** ISO 8601 */
  startedAt: Schema.String,
  /** Files that it is tried on. */
  sample: Schema.Int
})

/** What an edit changes: some files with what was said before and is said now. */
export const CanaryTrial = Schema.Struct({
  /** Share of what stayed the same, 0 to 1. */
  agreement: Schema.Number,
  compared: Schema.Int,
  same: Schema.Int,
  /** How far people's words on files of the sample are what was said before, and is said now; null: nobody judged one. */
  corrections: Schema.NullOr(Schema.Struct({ files: Schema.Int, before: Schema.Number, after: Schema.Number })),
  /** What applying it to every file would take. */
  requests: Schema.Int,
  cost: Schema.Array(Money),
  pairs: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      agreement: Schema.NullOr(Schema.Number),
      before: Schema.Unknown,
      after: Schema.Unknown,
      /** A person's word on the file. */
      correction: Schema.NullOr(Schema.Struct({ word: Schema.Unknown, after: Schema.NullOr(Schema.Number) })),
      message: Schema.NullOr(Schema.String)
    })
  )
})

export const Runs = Schema.Struct({
  pipelines: Schema.Array(PipelineState),
  /** The process that watches the folders; null when there is none. */
  watcher: Schema.NullOr(Schema.String),
  budgets: Schema.Array(Budget),
  /** Whether the config sends work to other machines. */
  hasWorkers: Schema.Boolean,
  canaries: Schema.Array(Canary),
  /** What the last command that was started here said when it ended badly. */
  trouble: Schema.NullOr(Schema.Struct({ pipeline: Schema.String, message: Schema.String }))
})
export type Runs = typeof Runs.Type

/** What a run would do, and cost, before it starts. */
const PlanOf = Schema.Struct({
  pipeline: Schema.String,
  items: Schema.Int,
  mediaSeconds: Schema.NullOr(Schema.Number),
  requests: Schema.NullOr(Schema.Int),
  cost: Schema.Array(Money),
  seconds: Schema.NullOr(Schema.Number),
  stages: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({ cached: Schema.Int, toRun: Schema.Int, blocked: Schema.Int })
  })
})

const pipeline = HttpApiSchema.param("pipeline", Schema.String.pipe(Schema.maxLength(200)))
const node = HttpApiSchema.param("node", Schema.String.pipe(Schema.maxLength(200)))
const started = Schema.Struct({ pipeline: Schema.String })

/** What is under way, and how to steer it. */
export const RunApi = HttpApiGroup.make("runs")
  .add(HttpApiEndpoint.get("state", "/runs").addSuccess(Runs).addError(Away))
  .add(HttpApiEndpoint.get("plan")`/pipelines/${pipeline}/plan`.addSuccess(PlanOf).addError(Refused).addError(Away))
  .add(HttpApiEndpoint.post("start")`/pipelines/${pipeline}/run`.addSuccess(started).addError(Refused).addError(Away))
  .add(HttpApiEndpoint.post("stop")`/pipelines/${pipeline}/stop`.addSuccess(started).addError(Refused).addError(Away))
  .add(HttpApiEndpoint.post("pause")`/pipelines/${pipeline}/pause`.addSuccess(started).addError(Refused).addError(Away))
  .add(HttpApiEndpoint.post("resume")`/pipelines/${pipeline}/resume`.addSuccess(started).addError(Refused).addError(Away))
  .add(HttpApiEndpoint.get("workers", "/workers").addSuccess(Schema.Array(Worker)).addError(Refused).addError(Away))
  // A change: where the edit was not tried yet on a file of the sample, its model is asked.
  .add(
    HttpApiEndpoint.post("try")`/pipelines/${pipeline}/canaries/${node}/try`
      .addSuccess(CanaryTrial)
      .addError(Refused)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.post("decide")`/pipelines/${pipeline}/canaries/${node}`
      .setPayload(Schema.Struct({ decision: Schema.Literal("accept", "drop") }))
      .addSuccess(started)
      .addError(Refused)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.post("drain", "/watcher/drain")
      .addSuccess(Schema.Struct({ watcher: Schema.String }))
      .addError(Refused)
      .addError(Away)
  )
