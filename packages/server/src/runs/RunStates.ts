import { Column, openCanaries, type Project, RunControl, RunProgress, WatchControl, WatchLock } from "@mediaspool/core"
import { Context, Effect, Layer, Option } from "effect"
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

interface Sample {
  readonly at: number
  readonly ended: number
}

const WAITING = `SELECT node, code, min(message) AS message, min(help) AS help, count(*) AS files FROM failure
JOIN item ON item.id = failure.item WHERE gone_at = 0 AND pipeline = ? AND retry = 'later' GROUP BY node, code ORDER BY files DESC`

/** `provider:dashscope-intl`: its name. */
const serviceOf = (resource: string): string => resource.slice(resource.indexOf(":") + 1)

const iso = (millis: number): string => new Date(millis).toISOString()

/** What runs told of themselves, from one look to the next. */
export class RunStates {
  private readonly samples = new Map<number, Array<Sample>>()

  private stateOf(run: RunProgress.RunProgress): RunState {
    const { expected, id, items, perMinute, phase } = run
    const samples = this.sampled(id, phase === "running" ? { at: run.toldAt, ended: items.total } : undefined)
    const left = expected === undefined ? undefined : expected - items.total
    return {
      id,
      outcome: phase,
      startedAt: iso(run.startedAt),
      endedAt: run.endedAt === undefined ? null : iso(run.endedAt),
      items,
      inFlight: run.inFlight,
      expected: expected ?? null,
      nodes: run.stages,
      perMinute: phase === "running" ? (perMinute ?? null) : null,
      secondsLeft:
        phase === "running" && left !== undefined && perMinute !== undefined && perMinute > 0
          ? Math.max(0, (left / perMinute) * 60)
          : null,
      cost: Object.entries(run.cost).map(([currency, amount]) => ({ currency, amount })),
      budgets: run.waitingFor,
      limits: run.limits.map(({ resource, ...limit }) => ({ ...limit, service: serviceOf(resource) })),
      outages: run.outages.map(({ probeAt, resource, since, ...outage }) => ({
        ...outage,
        service: serviceOf(resource),
        since: iso(since),
        probeAt: probeAt === undefined ? null : iso(probeAt)
      })),
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
      const last = RunProgress.last(name)
      const [row] = yield* query.rows(last.sql, last.values)
      const waiting = yield* query.rows(WAITING, [name])
      const now = Date.now()
      const told = row && RunProgress.of(row, now, () => true)
      // One that has told something a moment ago lives.
      const run = row && told && now - told.toldAt > DEAD_AFTER_MILLIS ? RunProgress.of(row, now, lives) : told
      const isRunning = run?.phase === "running"
      return {
        ...graphOf(name, project),
        isPaused,
        runBy: isOurs ? "page" : !isRunning ? null : watcher !== undefined && run.owner === watcher ? "watcher" : "other",
        run: run === undefined ? null : this.stateOf(run),
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
