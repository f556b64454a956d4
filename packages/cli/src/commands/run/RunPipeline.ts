import {
  CallLog,
  Items,
  type Plan,
  type Project,
  type CompiledPlan,
  rewired,
  Runner,
  type RunStopped,
  type Summary
} from "@mediaspool/core"
import { Clock, Deferred, Effect, Fiber, Mailbox, Option, Stream } from "effect"
import { join } from "node:path"
import * as Diagnostics from "../../Diagnostics.js"
import { Ended, ExitCode } from "../../ExitCode.js"
import * as layers from "../../layers.js"
import { failureTable } from "../../output/FailureTable.js"
import { Output } from "../../output/Output.js"
import * as Progress from "../../output/Progress.js"
import { RunProgress } from "../../output/RunProgress.js"
import { canaryText, summaryText, summaryValue } from "../../output/SummaryView.js"
import { counted } from "../../output/Quantity.js"
import { inline, place } from "../../output/Text.js"
import * as Warning from "../../output/Warning.js"
import { Refused } from "../../Refused.js"
import * as Hooks from "../../hooks/Hooks.js"
import * as Signals from "../../Signals.js"
import * as Telemetry from "../../telemetry/Telemetry.js"
import * as StageSources from "../../StageSources.js"
import * as StrayProcesses from "../../StrayProcesses.js"
import * as WatchdogClient from "../../WatchdogClient.js"
import { takePlanned } from "../plan/PlanRun.js"
import type { Planned } from "../plan/RunForecast.js"
import * as Arrivals from "./Arrivals.js"
import { maxCost, withBudgets } from "./budgets.js"
import { checkRerun, type RunTarget, choose } from "./RunTarget.js"

const stopped = ({ failure, node }: RunStopped) =>
  new Refused({
    code: ExitCode.config,
    message: `The run stopped at ${node}: ${inline(failure.message)} (${failure.code})`,
    help: failure.help
  })

/** What stands between files and "done", of this run alone: by file, in the plan's order. */
const failuresSince = ({ nodes, pipeline }: Plan.Plan, time: number) =>
  Effect.map(
    Effect.flatMap(Items, (items) => items.failures({ pipeline })),
    (rows) => {
      const place = new Map(nodes.map(({ name }, i) => [name, i]))
      return rows
        .filter(({ failedAt }) => failedAt >= time)
        .sort((a, b) => a.path.localeCompare(b.path) || (place.get(a.node) ?? -1) - (place.get(b.node) ?? -1))
    }
  )

/** What paid calls came to since midnight, where people live; nothing after a run that paid for nothing. */
const spentToday = ({ cost }: Summary) =>
  cost.length === 0
    ? Effect.succeed([])
    : Effect.flatMap(CallLog, ({ spent }) => spent({ since: new Date().setHours(0, 0, 0, 0) }))

/** Tells programs of each file that ends, in order and without loss: all have been told when the scope is closed. */
const itemsTold = (pipeline: string) =>
  Effect.gen(function* () {
    const output = yield* Output
    if (!output.json) return undefined
    const ends = yield* Mailbox.make<{ readonly item: number; readonly path: string; readonly state: string }>()
    const telling = yield* Effect.fork(
      Stream.runForEachChunk(Mailbox.toStream(ends), (chunk) =>
        output.values([...chunk].map((end) => ({ type: "item", pipeline, ...end })))
      )
    )
    yield* Effect.addFinalizer(() => Effect.zipRight(ends.end, Fiber.await(telling)))
    return (item: number, path: string, state: string) => void ends.unsafeOffer({ item, path, state })
  })

/** The run itself, shown while it goes on. */
const go = (
  project: Project.Project,
  target: RunTarget,
  ready: CompiledPlan,
  progress: RunProgress,
  display: Progress.Display,
  rerun: ReadonlyArray<string>,
  planned: Option.Option<typeof Planned.Type>
) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const drain = yield* Signals.draining
    yield* display.follow(runner.events)
    yield* Telemetry.observe(runner.events)
    yield* Hooks.listen(runner.events, Effect.succeed(project), false)
    yield* StrayProcesses.follow(project, runner.events)
    yield* WatchdogClient.guard(project)
    const source = target.plan.source?.folder
    progress.step = `scanning ${target.paths.length > 0 || source === undefined ? counted(target.paths.length, "path") : place(source)}`
    const arrivals = yield* Arrivals.of(target, ready, rerun.length > 0, progress)
    const ended = yield* itemsTold(target.plan.pipeline)
    const run = runner.run(ready, arrivals, {
      ...(ended === undefined ? {} : { ended }),
      rerun,
      drain: Deferred.await(drain),
      expected: () => progress.expected?.files,
      planned: Option.getOrUndefined(planned)
    })
    // Hooks may be waited for longer than there is something to show.
    return yield* Effect.ensuring(run, display.close)
  }).pipe(Effect.scoped)

/** Runs a pipeline, shows how it goes, and says what came of it; fails with the exit code unless everything is done. */
export const runPipeline = (
  project: Project.Project,
  first: Option.Option<string>,
  paths: ReadonlyArray<string>,
  rerun: ReadonlyArray<string>,
  mostCost: Option.Option<string>
) =>
  Effect.gen(function* () {
    const output = yield* Output
    const target = yield* choose(project, first, paths)
    const plan = withBudgets(target.plan, project, yield* maxCost(mostCost))
    yield* checkRerun(plan, rerun)
    const started = yield* Clock.currentTimeMillis
    const nodes = plan.nodes.map(({ name }) => name)
    const progress = new RunProgress(plan.pipeline, nodes, started)
    progress.step = "starting the media engine"
    // Shown before the services start: the media engine alone may take a second.
    const display = yield* Progress.open(progress)
    yield* Effect.gen(function* () {
      const runner = yield* Runner
      const ready = yield* runner.prepare(plan)
      if (ready.canaries.length > 0) yield* output.note(canaryText(plan.pipeline, ready.canaries))
      for (const step of yield* rewired(ready)) yield* Warning.say(plan.pipeline, Warning.rewired(step))
      yield* StageSources.warn(project, [plan], rerun)
      const planned = yield* takePlanned(project, plan.pipeline)
      const summary = yield* Effect.ensuring(go(project, target, ready, progress, display, rerun, planned), display.close)
      const failures = yield* failuresSince(plan, started)
      for (const row of failures) yield* output.value({ type: "failure", ...row })
      if (failures.length > 0) yield* output.print(`${failureTable(failures, "`spool errors --all`")}\n`)
      const today = yield* spentToday(summary)
      const library = place(join(project.state, "spool.db"))
      yield* output.print(summaryText(summary, progress, { library, today, planned: Option.getOrUndefined(planned) }))
      yield* output.value({
        ...summaryValue(summary, today),
        ...Option.match(planned, { onNone: () => ({}), onSome: (planned) => ({ planned }) })
      })
      if (summary.items.failed > 0) return yield* new Ended({ code: ExitCode.failed })
      if (summary.items.waiting > 0) return yield* new Ended({ code: ExitCode.waiting })
    }).pipe(
      Effect.provide(layers.layer(project)),
      Effect.tapErrorCause(() => display.close),
      Effect.catchTags({
        PlanFault: (error) => Diagnostics.refusePlan(error, project),
        RunStopped: stopped,
        StoreError: (error) => Refused.of(error, place(project.state))
      })
    )
  }).pipe(Effect.scoped)
