import { CallLog, Items, type Plan, type Project, type ReadyPlan, Runner, type RunStopped, type Summary } from "@mediaspool/core"
import { Clock, Deferred, Effect, type Option } from "effect"
import { join } from "node:path"
import * as ConfigFaults from "../ConfigFaults.js"
import { Ended, ExitCode, Refused } from "../ExitCode.js"
import * as Failed from "../Failed.js"
import * as layers from "../layers.js"
import { Output } from "../Output.js"
import { failureTable } from "../render/FailureTable.js"
import * as Progress from "../render/Progress.js"
import { summaryText, summaryValue } from "../render/SummaryView.js"
import { Tally } from "../render/Tally.js"
import { inline, place } from "../render/Text.js"
import * as Signals from "../Signals.js"
import * as Arrivals from "./Arrivals.js"
import { checkRerun, type Choice, choose } from "./Choice.js"

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

/** The run itself, shown while it goes on. */
const go = (choice: Choice, ready: ReadyPlan, tally: Tally, rerun: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const drain = yield* Signals.draining
    yield* Progress.show(runner.events, tally)
    const arrivals = yield* Arrivals.of(choice, ready, rerun.length > 0, tally)
    return yield* runner.run(ready, arrivals, { rerun, drain: Deferred.await(drain) })
  }).pipe(Effect.scoped)

/** Runs a pipeline, shows how it goes, and says what came of it; fails with the exit code unless everything is done. */
export const runPipeline = (
  project: Project.Project,
  first: Option.Option<string>,
  paths: ReadonlyArray<string>,
  rerun: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const output = yield* Output
    const choice = yield* choose(project, first, paths)
    const { plan } = choice
    yield* checkRerun(plan, rerun)
    yield* Effect.gen(function* () {
      const runner = yield* Runner
      const ready = yield* runner.prepare(plan)
      const started = yield* Clock.currentTimeMillis
      const tally = new Tally(
        plan.pipeline,
        plan.nodes.map(({ name }) => name),
        started
      )
      const summary = yield* go(choice, ready, tally, rerun)
      const failures = yield* failuresSince(plan, started)
      for (const row of failures) yield* output.value({ type: "failure", ...row })
      if (failures.length > 0) yield* output.print(`${failureTable(failures, `spool ls --state failed`)}\n`)
      const today = yield* spentToday(summary)
      yield* output.print(summaryText(summary, tally, place(join(project.state, "spool.db")), today))
      yield* output.value(summaryValue(summary, today))
      if (summary.items.failed > 0) return yield* new Ended({ code: ExitCode.failed })
      if (summary.items.waiting > 0) return yield* new Ended({ code: ExitCode.waiting })
    }).pipe(
      Effect.provide(layers.layer(project)),
      Effect.catchTags({
        PlanFault: (error) => ConfigFaults.refusePlan(error, project),
        RunStopped: stopped,
        StoreError: (error) => Failed.refused(error, place(project.state))
      })
    )
  })
