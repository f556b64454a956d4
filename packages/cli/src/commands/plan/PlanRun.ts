import { type Budget, type CompiledPlan, Database, eraseStage, Node, Plan, type Project, Runner } from "@mediaspool/core"
import { FileSystem } from "@effect/platform"
import { BigDecimal, Clock, Effect, type Option, Schema } from "effect"
import { availableParallelism } from "node:os"
import * as Diagnostics from "../../Diagnostics.js"
import { ExitCode } from "../../ExitCode.js"
import * as layers from "../../layers.js"
import { Output } from "../../output/Output.js"
import * as Progress from "../../output/Progress.js"
import { RunProgress } from "../../output/RunProgress.js"
import { canaryText } from "../../output/SummaryView.js"
import { inline, place } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import * as Arrivals from "../run/Arrivals.js"
import { withBudgets } from "../run/budgets.js"
import { checkRerun, choose, type RunTarget } from "../run/RunTarget.js"
import * as BudgetForecast from "./BudgetForecast.js"
import { forecastText, forecastValue } from "./ForecastView.js"
import * as PriceDate from "./PriceDate.js"
import * as SeenTokens from "./SeenTokens.js"
import {
  byModel,
  corrected,
  ForecastCounts,
  type History,
  Planned,
  plannedFile,
  type RunForecast,
  secondsOf,
  totalCost
} from "./RunForecast.js"

/** The node that measures a file's length. */
const probeOf = ({ nodes }: CompiledPlan): number => nodes.findIndex(({ planned }) => planned.stage.output._tag === "Probe")

/** A node, and those that it rests on. */
export const upTo = (plan: Plan.Plan, name: string): ReadonlyArray<string> => {
  const found = plan.nodes.find((node) => node.name === name)
  return found === undefined
    ? []
    : [name, ...Object.values(found.inputs).flatMap((inputs) => inputs.flatMap((input) => upTo(plan, input)))]
}

/** Of the last attempts; enough for a mean. */
const attemptsSeen = 20_000

const historyOf = (database: Database["Type"]) =>
  database.reading((): History => {
    const attempts = database.rows(
      `SELECT node, avg(milliseconds) AS mean FROM attempt
       WHERE outcome = 'ran' AND id > (SELECT coalesce(max(id), 0) FROM attempt) - ? GROUP BY node`,
      [attemptsSeen]
    )
    return {
      milliseconds: new Map(attempts.map((row) => [String(row["node"]), Number(row["mean"])])),
      tokens: SeenTokens.of(database.rows(SeenTokens.ALL, []))
    }
  })

/** The library's word for the length of a content; nothing where there is no library yet. */
const lengths = (database: Database["Type"]) => {
  const isThere = database.row("SELECT 1 AS found FROM sqlite_master WHERE name = 'media'", []) !== undefined
  return (contentHash: string): number | undefined => {
    const seconds = isThere
      ? database.row("SELECT duration_seconds FROM media WHERE content_hash = ?", [contentHash])?.["duration_seconds"]
      : undefined
    return typeof seconds === "number" ? seconds : undefined
  }
}

/** What the stages expect to ask. */
const estimated = (counts: ForecastCounts, history: History) =>
  Effect.map(
    Effect.forEach(counts.compiled.nodes, ({ planned }, i) =>
      Effect.gen(function* () {
        const estimate = eraseStage(planned.stage).estimate
        const node = counts.nodes[i]
        if (estimate === undefined || node === undefined) return []
        const { bytes, files } = node.unknown
        const rate = counts.rate
        const guessed = files > 0 && rate !== undefined ? [[(bytes * rate) / files, files] as const] : []
        const all = yield* Effect.forEach([...node.seconds, ...guessed], ([seconds, times]) =>
          estimate({ seconds }, planned.config).pipe(
            Effect.provideService(Node, Plan.nodeService(counts.compiled.plan, planned)),
            Effect.mapBoth({
              onFailure: (failure) => Refused.of(failure, planned.name),
              onSuccess: (calls) => calls.map((call) => corrected(planned.name, call, times, history))
            })
          )
        )
        return all.flat()
      })
    ),
    (all) => byModel(all.flat())
  )

export interface PlanOptions {
  /** Measures files of unknown length. */
  readonly probe: boolean
  /** Nodes, or stages by name, that are asked again whatever is known. */
  readonly redo?: ReadonlyArray<string>
  /** Nodes, or stages by name, that are computed again out of recorded requests: those cost nothing. */
  readonly rerun?: ReadonlyArray<string>
  /** A node whose edit is on trial, as if it was accepted. */
  readonly trial?: string
  /** Beside those of the config. */
  readonly budgets?: ReadonlyArray<Budget.PlanBudget>
}

/** Finds out what a run over a target would do. New files are hashed and, with `probe`, measured; that is kept. */
export const forecast = (target: RunTarget, progress: RunProgress, { probe, redo = [], rerun = [], trial }: PlanOptions) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const database = yield* Database
    const compiled = yield* runner.prepare(target.plan, trial)
    const place = probeOf(compiled)
    const name = compiled.nodes[place]?.planned.name
    const countedWith = (rerun: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const counts = new ForecastCounts(compiled, place, lengths(database))
        const arrivals = yield* Arrivals.of(target, compiled, rerun.length > 0, progress)
        yield* runner.plan(compiled, arrivals, {
          rerun,
          runs: new Set(probe && name !== undefined ? upTo(target.plan, name) : []),
          planned: (item) => counts.add(item),
          unchanged: (files) => counts.unchanged(files)
        })
        return counts
      })
    const counts = yield* countedWith([...redo, ...rerun])
    const history = yield* historyOf(database)
    const models = yield* estimated(rerun.length === 0 ? counts : yield* countedWith(redo), history)
    const rate = counts.rate
    return {
      pipeline: target.plan.pipeline,
      items: counts.items,
      stages: Object.fromEntries(
        compiled.nodes.map(({ planned }, i) => {
          const { blocked = 0, cached = 0, toRun = 0 } = counts.nodes[i] ?? {}
          return [planned.name, { cached, toRun, blocked }]
        })
      ),
      blocked: counts.blocked,
      mediaSeconds: counts.toRun.seconds + (rate === undefined ? 0 : counts.toRun.bytes * rate),
      estimatedLengths: rate === undefined ? 0 : counts.toRun.unknown,
      unknownLengths: rate === undefined ? counts.toRun.unknown : 0,
      models,
      seconds: secondsOf(counts, models, history, availableParallelism()),
      canaries: compiled.canaries
    } satisfies RunForecast
  }).pipe(Effect.scoped)

const Kept = Schema.parseJson(Planned)

/** Keeps what was planned, for the summary of the run that follows. */
const keep = ({ state }: Project.Project, found: RunForecast) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const cost = Object.fromEntries(totalCost(found.models).map(({ amount, currency }) => [currency, BigDecimal.format(amount)]))
    const sum = (of: "requests" | "inputTokens" | "outputTokens") => found.models.reduce((total, model) => total + model[of], 0)
    const planned = {
      requests: sum("requests"),
      cost,
      tokens: { input: sum("inputTokens"), output: sum("outputTokens") },
      seconds: found.seconds ?? null,
      stages: Object.fromEntries(Object.entries(found.stages).map(([node, { toRun }]) => [node, toRun]))
    }
    yield* fs.writeFileString(plannedFile(state, found.pipeline), yield* Schema.encode(Kept)(planned))
    // A plan that can't be kept is only missing beside the next summary.
  }).pipe(Effect.ignore)

/** What was planned for the run that now begins; told once. */
export const takePlanned = ({ state }: Project.Project, pipeline: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = plannedFile(state, pipeline)
    const planned = yield* Effect.flatMap(fs.readFileString(file), Schema.decode(Kept))
    yield* fs.remove(file)
    return planned
  }).pipe(Effect.option)

/** Plans a run and says what it would do and cost. */
export const planRun = (
  project: Project.Project,
  first: Option.Option<string>,
  paths: ReadonlyArray<string>,
  options: PlanOptions
) =>
  Effect.gen(function* () {
    const output = yield* Output
    const target = yield* choose(project, first, paths)
    const { plan } = target
    yield* checkRerun(plan, [...(options.redo ?? []), ...(options.rerun ?? [])])
    const progress = new RunProgress(
      plan.pipeline,
      plan.nodes.map(({ name }) => name),
      yield* Clock.currentTimeMillis
    )
    progress.step = "planning"
    const display = yield* Progress.open(progress)
    const { budgets, found } = yield* Effect.gen(function* () {
      const found = yield* forecast(target, progress, options)
      const limits = withBudgets(plan, project, options.budgets).budgets ?? []
      return { found, budgets: yield* BudgetForecast.of(limits, found.models, plan.pipeline) }
    }).pipe(
      Effect.provide(layers.planLayer(project)),
      Effect.ensuring(display.close),
      Effect.catchTags({
        PlanFault: (error) => Diagnostics.refusePlan(error, project),
        RunStopped: ({ failure, node }) =>
          new Refused({
            code: ExitCode.config,
            message: `The plan stopped at ${node}: ${inline(failure.message)} (${failure.code})`,
            help: failure.help
          }),
        StoreError: (error) => Refused.of(error, place(project.state))
      })
    )
    // A price for a review is no plan of the next run.
    if ((options.redo ?? []).length === 0) yield* keep(project, found)
    if (found.canaries.length > 0) yield* output.note(canaryText(found.pipeline, found.canaries))
    const dates = yield* PriceDate.of(project, found.models)
    yield* output.print(forecastText(found, dates, budgets))
    yield* output.value(forecastValue(found, dates, budgets))
  }).pipe(Effect.scoped)
