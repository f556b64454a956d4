import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Cost, FileChanges, Items, type Project, Runner, type Summary, RunStats, Watcher } from "@mediaspool/core"
import { Deferred, Effect, Stream } from "effect"
import { join } from "node:path"
import * as Diagnostics from "../../Diagnostics.js"
import { Ended, ExitCode } from "../../ExitCode.js"
import * as layers from "../../layers.js"
import { Output, paint } from "../../output/Output.js"
import { count, duration } from "../../output/Quantity.js"
import { summaryValue } from "../../output/SummaryView.js"
import { place } from "../../output/Text.js"
import * as NodeServices from "../../NodeServices.js"
import { Refused } from "../../Refused.js"
import * as Hooks from "../../hooks/Hooks.js"
import * as Signals from "../../Signals.js"
import * as Telemetry from "../../telemetry/Telemetry.js"
import * as StrayProcesses from "../../StrayProcesses.js"
import * as WatchdogClient from "../../WatchdogClient.js"
import * as ConfigGenerations from "./ConfigGenerations.js"
import * as Watchable from "./Watchable.js"
import * as WatcherReport from "./WatcherReport.js"

/** What the watcher did, and how the files that are there stand now. */
const standing = (summaries: ReadonlyArray<Summary>) =>
  Effect.flatMap(Items, (items) =>
    Effect.forEach(RunStats.combine(summaries), (summary) =>
      Effect.map(items.standing(summary.pipeline), ({ failed, waiting }) => {
        const { done } = summary.items
        return { ...summary, items: { total: done + failed + waiting, done, failed, waiting } }
      })
    )
  )

const inWords = ({ cost, items: { done, failed, waiting }, pipeline, seconds }: Summary): string =>
  [
    `${paint.bold(pipeline)}: ${count(done)} done in ${duration(seconds)}`,
    ...(failed > 0 ? [paint.red(`${count(failed)} failed`)] : []),
    ...(waiting > 0 ? [paint.yellow(`${count(waiting)} waiting`)] : []),
    ...cost.map((money) => Cost.format(money))
  ].join(", ")

/** Watches until it is asked to end, and says what came of it; fails with the exit code unless everything is done. */
const watch = (project: Project.Project, names: ReadonlyArray<string>, metrics: number | undefined) =>
  Effect.gen(function* () {
    const output = yield* Output
    const runner = yield* Runner
    const drain = yield* Signals.draining
    const generations = yield* ConfigGenerations.make(project, names)
    const summaries = yield* Effect.scoped(
      Effect.gen(function* () {
        yield* StrayProcesses.follow(project, runner.events)
        yield* WatchdogClient.guard(project)
        const report = yield* WatcherReport.make(runner.events, generations.project)
        yield* Telemetry.observe(runner.events, metrics)
        const hooks = yield* Hooks.listen(runner.events, generations.project, true).pipe(
          Effect.provide([NodeServices.layer, FetchHttpClient.layer])
        )
        return yield* Watcher.run({
          load: generations.load,
          changes: Stream.flatMap(Stream.changes(generations.files.changes), FileChanges.of, { switch: true }),
          drain: Deferred.await(drain),
          tell: (event) => Effect.zipRight(report.tell(event), hooks.tell(event))
        })
      })
    )
    const came = yield* standing(summaries)
    for (const summary of came) {
      yield* output.print(inWords(summary))
      yield* output.value(summaryValue(summary))
    }
    yield* output.print(`Library: ${place(join(project.state, "spool.db"))}`)
    if (came.some(({ items }) => items.failed > 0)) return yield* new Ended({ code: ExitCode.failed })
    if (came.some(({ items }) => items.waiting > 0)) return yield* new Ended({ code: ExitCode.waiting })
  }).pipe(Effect.scoped)

/**
 * @param names of pipelines; none: all that have a source folder
 * @param metrics port of the endpoint for Prometheus
 */
export const watchPipelines = (project: Project.Project, names: ReadonlyArray<string>, metrics?: number) =>
  Effect.gen(function* () {
    yield* Watchable.plansOf(project, names)
    yield* Effect.provide(watch(project, names, metrics), layers.lasting(project)).pipe(
      Effect.catchTags({
        ConfigError: Diagnostics.refuse,
        PlanFault: (error) => Diagnostics.refusePlan(error, project),
        StoreError: (error) => Refused.of(error, place(project.state)),
        WatchError: (error) => Refused.of(error)
      })
    )
  })
