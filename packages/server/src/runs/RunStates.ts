import { Column, openCanaries, type Project, type Row, RunControl, WatchControl, WatchLock } from "@mediaspool/core"
import { BigDecimal, Context, Effect, Either, Layer, Option, Schema } from "effect"
import type { Away } from "../api/Problem.js"
import type { PipelineState, Runs, RunState } from "../api/RunApi.js"
import { LibraryConnection, type Opened } from "../library/LibraryConnection.js"
import { Site } from "../Site.js"
import * as Budgets from "./Budgets.js"
import { SpoolProcess } from "./SpoolProcess.js"

/** A run tells its counts every second; whether one that has told nothing for so long lives still is looked up. */
const DEAD_AFTER_MILLIS = 15_000
/** Samples of the throughput that are kept, one a second. */
const SAMPLES = 120

const Counts = Schema.Struct({
  ran: Schema.Int,
  cached: Schema.Int,
  skipped: Schema.Int,
  failed: Schema.Int,
  waiting: Schema.Int
})
/** The column `run.summary`: as it is while a run goes on, and at its end. */
const Told = Schema.parseJson(
  Schema.Struct({
    items: Schema.Struct({ total: Schema.Int, done: Schema.Int, failed: Schema.Int, waiting: Schema.Int }),
    stages: Schema.Record({ key: Schema.String, value: Counts }),
    // As a BigDecimal says itself.
    cost: Schema.optional(
      Schema.Array(Schema.Struct({ currency: Schema.String, amount: Schema.Struct({ value: Schema.String, scale: Schema.Int }) }))
    ),
    inFlight: Schema.optional(Schema.Int),
    expected: Schema.optional(Schema.Int),
    waitingFor: Schema.optional(Schema.Array(Schema.String)),
    at: Schema.optional(Schema.Number)
  })
)
const decode = Schema.decodeUnknownEither(Told)

interface Sample {
  readonly at: number
  readonly ended: number
}

/** Plans and trials of edits are no runs for people; what has told nothing so far may be one. */
const LAST = `SELECT * FROM run WHERE pipeline = ? AND summary NOT LIKE '%"purpose":%' ORDER BY id DESC LIMIT 1`
const WAITING = `SELECT node, code, min(message) AS message, min(help) AS help, count(*) AS files FROM failure
JOIN item ON item.id = failure.item WHERE gone_at = 0 AND pipeline = ? AND retry = 'later' GROUP BY node, code ORDER BY files DESC`

const decimal = ({ scale, value }: { readonly scale: number; readonly value: string }): string =>
  Option.match(BigDecimal.fromString(value), {
    onNone: () => "0",
    onSome: (digits) => BigDecimal.format(BigDecimal.normalize(BigDecimal.make(digits.value, scale)))
  })

/** Files ended a minute, over the last minute of samples. */
const rate = (samples: ReadonlyArray<Sample>): number | undefined => {
  const last = samples[samples.length - 1]
  const first = samples.find(({ at }) => last !== undefined && last.at - at <= 60_000)
  if (last === undefined || first === undefined || last.at - first.at < 2_000) return undefined
  return ((last.ended - first.ended) / (last.at - first.at)) * 60_000
}

/** What runs told of themselves, from one look to the next. */
export class RunStates {
  private readonly samples = new Map<number, Array<Sample>>()
  private runOf(row: Row, lives: (owner: string) => boolean): RunState {
    const id = Column.number(row, "id") ?? 0
    const told = Option.getOrUndefined(Either.getRight(decode(Column.text(row, "summary") ?? "null")))
    const items = told?.items ?? { total: 0, done: 0, failed: 0, waiting: 0 }
    const startedAt = Column.number(row, "started_at") ?? 0
    const lastTold = told?.at ?? startedAt
    const outcome =
      Column.text(row, "outcome") ??
      (Date.now() - lastTold > DEAD_AFTER_MILLIS && !lives(Column.text(row, "owner") ?? "") ? "died" : "running")
    const samples = this.sampled(id, outcome === "running" ? { at: lastTold, ended: items.total } : undefined)
    const perMinute = rate(samples)
    const expected = told?.expected
    const left = expected === undefined ? undefined : expected - items.total
    return {
      id,
      outcome,
      startedAt: Column.time(row, "started_at"),
      endedAt: Column.number(row, "ended_at") === undefined ? null : Column.time(row, "ended_at"),
      items,
      inFlight: outcome === "running" ? (told?.inFlight ?? 0) : 0,
      expected: expected ?? null,
      nodes: told?.stages ?? {},
      perMinute: perMinute ?? null,
      secondsLeft:
        outcome === "running" && left !== undefined && perMinute !== undefined && perMinute > 0
          ? Math.max(0, (left / perMinute) * 60)
          : null,
      cost: (told?.cost ?? []).map(({ amount, currency }) => ({ currency, amount: decimal(amount) })),
      budgets: told?.waitingFor ?? [],
      samples: samples.map(({ ended }) => ended)
    }
  }

  private sampled(run: number, sample: Sample | undefined): ReadonlyArray<Sample> {
    const samples = this.samples.get(run) ?? []
    if (sample !== undefined && samples[samples.length - 1]?.at !== sample.at) {
      samples.push(sample)
      if (samples.length > SAMPLES) samples.shift()
      this.samples.set(run, samples)
    }
    return samples
  }

  /** One pipeline, as it stands. */
  readonly pipeline = (
    { query }: Opened,
    name: string,
    project: Project.Project | undefined,
    { isOurs, isPaused, lives, watcher }: Around
  ): Effect.Effect<PipelineState, Away> =>
    Effect.gen(this, function* () {
      const [row] = yield* query.rows(LAST, [name])
      const waiting = yield* query.rows(WAITING, [name])
      const run = row === undefined ? null : this.runOf(row, lives)
      const isRunning = run?.outcome === "running"
      return {
        ...graphOf(name, project),
        isPaused,
        runBy: isOurs ? "page" : !isRunning ? null : watcher !== undefined && row?.["owner"] === watcher ? "watcher" : "other",
        run,
        waitingFor: waiting.map((one) => ({
          node: Column.text(one, "node") ?? "",
          code: Column.text(one, "code") ?? "",
          message: Column.text(one, "message") ?? "",
          help: Column.text(one, "help") ?? "",
          files: Column.number(one, "files") ?? 0
        }))
      }
    })
}

/** What is known of a pipeline beside its runs. */
interface Around {
  readonly isOurs: boolean
  readonly isPaused: boolean
  /** Whether the process of an owner lives. */
  readonly lives: (owner: string) => boolean
  /** The owner that watches. */
  readonly watcher: string | undefined
}

/** What this server remembers of the runs that it has seen. */
export class Service extends Context.Tag("@mediaspool/server/RunStates")<Service, RunStates>() {
  static readonly layer: Layer.Layer<Service> = Layer.sync(Service, () => new RunStates())
}

/** A pipeline's nodes and folder, from the config. */
const graphOf = (name: string, project: Project.Project | undefined): Pick<PipelineState, "name" | "folder" | "nodes"> => {
  const plan = project?.pipelines.get(name)?.plan
  return {
    name,
    folder: plan?.source?.folder ?? null,
    nodes: (plan?.nodes ?? []).map(({ inputs, name, stage }) => ({
      name,
      stage: stage.name,
      summary: stage.summary,
      inputs: [...new Set(Object.values(inputs).flat())].filter((input) => input !== "source")
    }))
  }
}

/** Everything about the runs, as the page shows it. Without a library: the pipelines alone. */
export const read = (states: RunStates): Effect.Effect<Runs, never, LibraryConnection | Site | SpoolProcess> =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const site = yield* Site
    const processes = yield* SpoolProcess
    const project = yield* Effect.orElseSucceed(site.project, () => undefined)
    const names = [...(project?.pipelines.keys() ?? [])]
    const ours = yield* processes.running
    const trouble = Option.getOrNull(yield* processes.trouble)
    const empty = names.map((name) => ({
      ...graphOf(name, project),
      isPaused: false,
      runBy: ours.has(name) ? ("page" as const) : null,
      run: null,
      waitingFor: []
    }))
    const hasWorkers = project?.workers !== undefined
    return yield* Effect.gen(function* () {
      const opened = yield* library.opened
      const { budgets, control, lives, open, watcher } = yield* library
        .use(
          Effect.all({
            control: WatchControl.read,
            watcher: Effect.map(WatchLock.holder, Option.getOrUndefined),
            lives: RunControl.alive,
            budgets: Budgets.read(project),
            open: openCanaries
          })
        )
        .pipe(Effect.catchTag("StoreError", (error) => Effect.die(error)))
      return {
        pipelines: yield* Effect.forEach(names, (name) =>
          states.pipeline(opened, name, project, {
            isOurs: ours.has(name),
            isPaused: control.pipelines.get(name)?.isPaused ?? false,
            lives,
            watcher: watcher?.owner
          })
        ),
        watcher: watcher?.name ?? null,
        budgets,
        hasWorkers,
        canaries: open.map(({ node, pipeline, sample, startedAt }) => ({
          pipeline,
          node,
          startedAt: new Date(startedAt).toISOString(),
          sample: sample.length
        })),
        trouble
      }
    }).pipe(
      Effect.catchTag("Away", () =>
        Effect.succeed({ pipelines: empty, watcher: null, budgets: [], hasWorkers, canaries: [], trouble })
      )
    )
  })
