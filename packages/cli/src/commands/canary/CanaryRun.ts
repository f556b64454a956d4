import {
  type Canary,
  CanaryDecision,
  type CompiledPlan,
  Items,
  type PlannedItem,
  type Project,
  RawPath,
  Runner,
  templateChanges
} from "@mediaspool/core"
import { Agreement, CanaryDoubts, CanaryEvidence, CanarySample, Search } from "@mediaspool/plugins"
import { Clock, Deferred, Effect, Option } from "effect"
import { existsSync } from "node:fs"
import * as Diagnostics from "../../Diagnostics.js"
import { ExitCode } from "../../ExitCode.js"
import * as layers from "../../layers.js"
import { Output } from "../../output/Output.js"
import * as Progress from "../../output/Progress.js"
import { counted } from "../../output/Quantity.js"
import { RunProgress } from "../../output/RunProgress.js"
import { inline, place } from "../../output/Text.js"
import { savedQueries, usage } from "../../query.js"
import { Refused } from "../../Refused.js"
import * as Signals from "../../Signals.js"
import { forecast, upTo } from "../plan/PlanRun.js"
import * as Arrivals from "../run/Arrivals.js"
import { withBudgets } from "../run/budgets.js"
import type { RunTarget } from "../run/RunTarget.js"
import * as CanaryView from "./CanaryView.js"

/** An edited node, and the pipeline that it is part of. */
export interface CanaryTarget extends RunTarget {
  readonly node: string
}

/** The node that is meant: by its own name, or by its stage's. */
export const choose = (
  project: Project.Project,
  name: string,
  pipeline: Option.Option<string>
): Effect.Effect<CanaryTarget, Refused> => {
  const all = [...project.pipelines.values()].map(({ plan }) => plan)
  const plans = Option.match(pipeline, { onNone: () => all, onSome: (named) => all.filter((plan) => plan.pipeline === named) })
  const found = plans.flatMap((plan) => {
    const own = plan.nodes.filter((node) => node.name === name)
    return (own.length > 0 ? own : plan.nodes.filter(({ stage }) => stage.name === name)).map((node) => ({ plan, node }))
  })
  const [first, second] = found
  if (first === undefined)
    return Refused.usage(
      plans.length === 0
        ? `No pipeline named '${inline(Option.getOrElse(pipeline, () => ""))}'.`
        : `No stage named '${inline(name)}'.`,
      `The config has ${all.map((plan) => `'${plan.pipeline}' with ${plan.nodes.map(({ name }) => name).join(", ")}`).join("; ")}.`
    )
  if (second !== undefined)
    return Refused.usage(
      `Which '${inline(name)}'?`,
      `Say which one with --pipeline and the node's own name: ${found.map(({ node, plan }) => `${node.name} of ${plan.pipeline}`).join(", ")}.`
    )
  if (first.node.stage.sink) return Refused.usage(`'${inline(name)}' writes results and makes none.`, "Name a stage before it.")
  return Effect.succeed({ plan: withBudgets(first.plan, project), paths: [], node: first.node.name })
}

/** What a run tells of one file's node. */
interface Tried {
  readonly path: string
  readonly value: string | undefined
  readonly failure: ReturnType<PlannedItem["failure"]>
}

/** Runs a plan up to a node for some files, and gives what came out; nothing is applied. */
const results = (
  { node, plan }: CanaryTarget,
  compiled: CompiledPlan,
  paths: ReadonlyArray<string>,
  runs: ReadonlySet<string>,
  progress: RunProgress
) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const drain = yield* Signals.draining
    const index = compiled.nodes.findIndex(({ planned }) => planned.name === node)
    const found = new Map<number, Tried>()
    if (paths.length === 0) return { found, cost: [] }
    const arrivals = yield* Arrivals.of({ plan, paths }, compiled, true, progress)
    const summary = yield* runner.run(compiled, arrivals, {
      drain: Deferred.await(drain),
      dryRun: {
        runs,
        purpose: "canary",
        planned: ({ failure, item, path, value }) => void found.set(item, { path, value: value(index), failure: failure(index) })
      }
    })
    return { found, cost: summary.cost }
  }).pipe(Effect.scoped)

const pathsOf = ({ sample }: Canary) =>
  Effect.map(Items, (items) =>
    sample.flatMap((id) => {
      const item = items.byId(id)
      return item !== undefined && item.goneAt === undefined && existsSync(RawPath.forNode(item.path)) ? [item.path] : []
    })
  )

/** Files of a sample, unless somebody says how many. */
const SAMPLE = 20

/** The sample: drawn from the files that fit a query. */
const draw = (pipeline: string, { config, query, size }: TrialOptions) =>
  Effect.gen(function* () {
    const saved = query === "" ? {} : yield* savedQueries(config)
    const asked = query === "" ? undefined : yield* Search.statement(query, "item", { saved })
    const files = yield* CanarySample.draw(pipeline, size ?? SAMPLE, asked?.where)
    if (files.length === 0)
      return yield* new Refused({
        code: ExitCode.failed,
        message: query === "" ? "No file has been processed yet." : "No file fits the query.",
        help: "A canary compares an edit with results that are there."
      })
    return files.map(({ item }) => item)
  })

export interface TrialOptions {
  readonly query: string
  /** As it was typed. */
  readonly size: number | undefined
  readonly config: Option.Option<string>
}

/** The services of a run, its progress, and what can go wrong. */
const within = <A, E, R>(
  project: Project.Project,
  { plan }: CanaryTarget,
  step: string,
  use: (progress: RunProgress, display: Progress.Display) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const progress = new RunProgress(
      plan.pipeline,
      plan.nodes.map(({ name }) => name),
      yield* Clock.currentTimeMillis
    )
    progress.step = step
    const display = yield* Progress.open(progress)
    return yield* Effect.ensuring(Effect.provide(use(progress, display), layers.layer(project)), display.close)
  }).pipe(Effect.scoped)

const mended = (project: Project.Project) => ({
  PlanFault: (error: Parameters<typeof Diagnostics.refusePlan>[0]) => Diagnostics.refusePlan(error, project)
})

/** Tries a node's edit on a sample, and shows what it changes and what going on would cost. */
export const tryEdit = (project: Project.Project, target: CanaryTarget, options: TrialOptions) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { node, plan } = target
    const shown = yield* within(project, target, "trying the edit", (progress, display) =>
      Effect.gen(function* () {
        const runner = yield* Runner
        yield* display.follow(runner.events)
        const compiled = yield* runner.prepare(plan, node)
        const known = yield* CanaryDecision.find({ pipeline: plan.pipeline, node })
        const canary = yield* CanaryDecision.start(compiled, node, draw(plan.pipeline, options))
        if (Option.isSome(known) && (options.query !== "" || (options.size ?? canary.sample.length) !== canary.sample.length))
          yield* output.note(
            `The trial keeps its sample of ${counted(canary.sample.length, "file")}: --drop ends it, then another one is drawn.`
          )
        const paths = yield* pathsOf(canary)
        const before = yield* results(target, yield* runner.prepare(plan), paths, new Set(), progress)
        const after = yield* results(target, compiled, paths, new Set(upTo(plan, node)), progress)
        const goingOn = yield* forecast(target, progress, { probe: true, trial: node })
        const trial = { pipeline: plan.pipeline, node }
        const words = yield* CanaryEvidence.words(trial, [...after.found.keys()])
        const pairs = [...after.found].map(([item, { failure, path, value }]) => {
          const pair = { item, path, before: before.found.get(item)?.value, after: value, failure }
          const word = words.get(item)
          return { ...pair, evidence: word === undefined ? undefined : CanaryEvidence.compare(word, pair) }
        })
        // What differs is judged on the page.
        yield* CanaryDoubts.put(trial, pairs)
        return {
          pipeline: plan.pipeline,
          node,
          changes: templateChanges(canary.before, canary.after),
          pairs,
          agreement: Agreement.count(pairs),
          cost: after.cost,
          goingOn
        }
      }).pipe(Effect.scoped)
    ).pipe(
      Effect.catchTags({
        ...mended(project),
        CanaryError: (error) => Refused.of(error),
        LibraryError: (error) => Refused.of(error),
        SearchError: usage,
        RunStopped: ({ failure, node }) =>
          new Refused({
            code: ExitCode.config,
            message: `The trial stopped at ${node}: ${inline(failure.message)} (${failure.code})`,
            help: failure.help
          }),
        StoreError: (error) => Refused.of(error, place(project.state))
      })
    )
    for (const pair of shown.pairs) yield* output.value(CanaryView.pairValue(shown, pair))
    yield* output.value(CanaryView.trialValue(shown))
    if (!output.json) yield* output.print(CanaryView.trialText(shown))
  }).pipe(Effect.scoped)

/** Ends a trial, and says what the next run does. */
export const decide = (project: Project.Project, target: CanaryTarget, state: "accepted" | "dropped") =>
  Effect.gen(function* () {
    const output = yield* Output
    const { node, plan } = target
    const { canary, goingOn, template } = yield* within(project, target, "planning", (progress) =>
      Effect.gen(function* () {
        const runner = yield* Runner
        const compiled = yield* runner.prepare(plan, node)
        const template = CanaryDecision.templateOf(compiled, node)
        const trial = { pipeline: plan.pipeline, node }
        const canary = yield* state === "accepted" ? CanaryDecision.accept(trial, template) : CanaryDecision.drop(trial, template)
        yield* CanaryDoubts.clear(trial)
        return { canary, template, goingOn: yield* forecast(target, progress, { probe: true }) }
      }).pipe(Effect.scoped)
    ).pipe(
      Effect.catchTags({
        ...mended(project),
        CanaryError: (error) => Refused.of(error),
        LibraryError: (error) => Refused.of(error),
        RunStopped: ({ failure }) => Refused.of(failure),
        StoreError: (error) => Refused.of(error, place(project.state))
      })
    )
    const left = state === "dropped" && template !== undefined ? templateChanges(canary.before, template) : []
    yield* output.value(CanaryView.decisionValue({ pipeline: plan.pipeline, node, state, goingOn }))
    if (!output.json) yield* output.print(CanaryView.decisionText({ node, state, goingOn, left, file: place(project.file) }))
  })
