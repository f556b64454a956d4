import { FileSystem, Path } from "@effect/platform"
import { type Money, type Planned, type Project, TestCheck } from "@mediaspool/core"
import { Effect } from "effect"
import { Refused } from "../../Refused.js"
import * as Recording from "./Recording.js"
import * as Replay from "./Replay.js"
import * as StageTrial from "./StageTrial.js"

/** One test of a pipeline. */
export interface Test {
  readonly pipeline: string
  readonly name: string
  readonly planned: Planned
  readonly expected: Parameters<typeof TestCheck.check>[0]
}

/** What a test came to. */
export interface Result {
  readonly test: Test
  /** Nothing: it passed. */
  readonly misses: ReadonlyArray<TestCheck.Miss>
  /** What to do about the nodes that failed. */
  readonly help: ReadonlyArray<string>
  readonly milliseconds: number
  /** Calls that were replayed, or made. */
  readonly calls: number
  readonly spent: ReadonlyArray<Money>
}

/** Every test of a config, in its order. */
export const testsOf = ({ pipelines }: Project.Project): ReadonlyArray<Test> =>
  [...pipelines].flatMap(([pipeline, planned]) =>
    [...planned.tests].map(([name, expected]) => ({ pipeline, name, planned, expected }))
  )

/**
 * Runs a test in an empty state folder, which goes afterwards. Offline it takes every reply from the test's recording; live it makes
 * every call, and keeps the replies when the test has passed or failed, but not when it could not run.
 */
export const run = (
  project: Project.Project,
  test: Test,
  live: boolean
): Effect.Effect<Result, Refused, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const state = yield* Effect.orDie(fs.makeTempDirectoryScoped({ prefix: "spool-test-" }))
    const file = yield* Recording.fileOf(project.folder, test.pipeline, test.name)
    const replay = live
      ? yield* Replay.live
      : yield* Effect.flatMap(Effect.mapError(Recording.read(file), Refused.of), Replay.offline)
    const began = performance.now()
    const traces = yield* StageTrial.run(project, test.planned.plan, test.expected.clip, { state, calls: () => replay.calls })
    const milliseconds = performance.now() - began
    const recording = yield* replay.recording
    if (live) yield* Effect.mapError(Recording.write(file, recording), Refused.of)
    const ended = new Map([...traces].map(([node, trace]) => [node, trace.ended]))
    const helps = [...traces.values()].flatMap(({ ended, failure }) =>
      ended.outcome === "failed" && failure ? [failure.help] : []
    )
    const misses = TestCheck.check(test.expected, ended)
    return {
      test,
      misses,
      help: misses.length === 0 ? [] : [...new Set(helps)],
      milliseconds,
      calls: recording.calls.length,
      spent: yield* replay.spent
    }
  }).pipe(Effect.scoped)
