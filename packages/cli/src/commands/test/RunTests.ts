import { Cost, type Money, type Project } from "@mediaspool/core"
import { BigDecimal, Effect, Either } from "effect"
import { Ended, ExitCode } from "../../ExitCode.js"
import { Output, paint } from "../../output/Output.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import { total } from "./Replay.js"
import * as TestRun from "./TestRun.js"

/** Tests at once: each has a store of its own. Live ones go one by one, within the services' limits. */
const AT_ONCE = 4

const usage = (message: string, help: string) => new Refused({ code: ExitCode.usage, message, help })

const chosen = (project: Project.Project, names: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<TestRun.Test>, Refused> =>
  Effect.suspend(() => {
    const all = TestRun.testsOf(project)
    if (all.length === 0)
      return usage("The config has no tests.", "Add `tests:` beside a pipeline's `stages`: a clip and the expected results.")
    const unknown = names.find((name) => !all.some((test) => test.pipeline === name || test.name === name))
    if (unknown !== undefined)
      return usage(
        `No pipeline and no test named '${inline(unknown)}'.`,
        `The config has ${all.map(({ name, pipeline }) => `'${name}' (${pipeline})`).join(", ")}.`
      )
    return Effect.succeed(
      names.length === 0 ? all : all.filter((test) => names.includes(test.pipeline) || names.includes(test.name))
    )
  })

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`

const money = (spent: ReadonlyArray<Money>): string => spent.map(Cost.format).join(", ")

/** One that could not run is a failed test, not the end of the others. */
const attempt = (project: Project.Project, test: TestRun.Test, live: boolean) =>
  Effect.map(Effect.either(TestRun.run(project, test, live)), (result) =>
    Either.getOrElse(result, ({ help, message }): TestRun.Result => ({
      test,
      misses: [{ node: test.pipeline, what: "run", message }],
      help: help === undefined ? [] : [help],
      milliseconds: 0,
      calls: 0,
      spent: []
    }))
  )

const text = ({ calls, help, milliseconds, misses, spent, test }: TestRun.Result, live: boolean): string => {
  const paid = calls === 0 ? "" : ` · ${calls} ${live ? "made" : "recorded"} ${calls === 1 ? "reply" : "replies"}`
  const head = `${misses.length === 0 ? paint.green("✓") : paint.red("✗")} ${test.pipeline} · ${test.name} ${paint.dim(
    `(${seconds(milliseconds)}${paid}${spent.length === 0 ? "" : ` · ${money(spent)}`})`
  )}`
  return [
    head,
    ...misses.map(({ message, node }) => `    ${node}: ${inline(message)}`),
    ...help.map((each) => paint.dim(`    ${each}`))
  ].join("\n")
}

/** Runs the tests that are asked for, says each as it ends, and ends with 1 when one failed. */
export const runTests = (project: Project.Project, names: ReadonlyArray<string>, live: boolean) =>
  Effect.gen(function* () {
    const output = yield* Output
    const tests = yield* chosen(project, names)
    const results = yield* Effect.forEach(
      tests,
      (test) =>
        Effect.tap(attempt(project, test, live), (result) =>
          Effect.zipRight(
            output.print(text(result, live)),
            output.value({
              type: "test",
              pipeline: test.pipeline,
              test: test.name,
              clip: test.expected.clip,
              passed: result.misses.length === 0,
              misses: result.misses,
              calls: result.calls,
              seconds: result.milliseconds / 1000
            })
          )
        ),
      { concurrency: live ? 1 : AT_ONCE }
    )
    const failed = results.filter(({ misses }) => misses.length > 0).length
    const cost = total(results.flatMap(({ spent }) => spent))
    yield* output.print(`\n${tests.length} ${tests.length === 1 ? "test" : "tests"}, ${failed} failed`)
    yield* output.value({
      type: "summary",
      tests: tests.length,
      passed: tests.length - failed,
      failed,
      live,
      cost: Object.fromEntries(cost.map(({ amount, currency }) => [currency, BigDecimal.format(BigDecimal.normalize(amount))]))
    })
    if (failed > 0) return yield* new Ended({ code: ExitCode.failed })
  })
