import {
  AttemptFailure,
  Calls,
  Failure,
  type Json,
  type Plan,
  type Project,
  Runner,
  Scanned,
  Scanner,
  Stage,
  type StageFailure,
  type TestCheck
} from "@mediaspool/core"
import { Cause, Effect, Exit, Option, Schema, Stream } from "effect"
import { basename, dirname } from "node:path"
import { ExitCode } from "../../ExitCode.js"
import * as layers from "../../layers.js"
import { place } from "../../output/Text.js"
import { Refused } from "../../Refused.js"

/** What a stage was given, and how it ended. */
export interface NodeTrace {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly ended: TestCheck.Ended
  /** Present unless it is done. A defect has none of its own words: it is one of the stage's code. */
  readonly failure: StageFailure | undefined
  /** Of a defect: where it comes from. */
  readonly stack: string | undefined
  readonly milliseconds: number
}

export interface TrialOptions {
  /** Where it keeps what it makes; absolute. What lies there from an earlier trial is used again. */
  readonly state: string
  /** What stands before the runner's own calls: a recording, or a guard. */
  readonly calls?: ((calls: Calls["Type"]) => Calls["Type"]) | undefined
  /** Nodes that run even when their result is there. */
  readonly rerun?: ReadonlyArray<string> | undefined
}

const stageBroke = (cause: Cause.Cause<unknown>): Pick<NodeTrace, "failure" | "stack"> & { readonly message: string } => {
  const defect = Option.getOrUndefined(Cause.dieOption(cause))
  if (Failure.is(defect)) return { failure: defect, stack: undefined, message: defect.message }
  const message = defect instanceof Error ? defect.message : String(defect ?? Cause.pretty(cause))
  return { failure: undefined, stack: defect instanceof Error ? defect.stack : undefined, message }
}

/** The one cast: whatever a kind encodes to is JSON, for the result key rests on it. */
const jsonOf = (encoded: unknown): Json => encoded as Json

/** How an attempt ended, in the words of a test. */
const endOf = (stage: Stage.AnyStage, exit: Exit.Exit<unknown, StageFailure>): Pick<NodeTrace, "ended" | "failure" | "stack"> => {
  if (Exit.isSuccess(exit)) {
    const encoded = Schema.encodeUnknownEither(stage.output)(exit.value)
    return encoded._tag === "Right"
      ? { ended: { outcome: "done", value: jsonOf(encoded.right) }, failure: undefined, stack: undefined }
      : {
          ended: { outcome: "failed", code: "OutputNotValid", message: encoded.left.message },
          failure: undefined,
          stack: undefined
        }
  }
  const typed = Option.getOrUndefined(Cause.failureOption(exit.cause))
  if (typed === undefined) {
    const { failure, message, stack } = stageBroke(exit.cause)
    return { ended: { outcome: "failed", code: failure?.code ?? "StageBroke", message }, failure, stack }
  }
  const { code, message, retry } = typed
  return { ended: { outcome: retry === "skip" ? "skipped" : "failed", code, message }, failure: typed, stack: undefined }
}

/** The plan, with every stage telling what it was given and how it ended; nothing is tried twice. */
const traced = (plan: Plan.Plan, traces: Map<string, NodeTrace>, calls: TrialOptions["calls"]): Plan.Plan => ({
  ...plan,
  nodes: plan.nodes.map((node) => {
    const stage =
      calls === undefined
        ? node.stage
        : Stage.around(node.stage, (work) => Effect.flatMap(Calls, (own) => Effect.provideService(work, Calls, calls(own))))
    const run: Stage.AnyStage["run"] = (inputs, config) =>
      Effect.suspend(() => {
        const began = performance.now()
        return Effect.onExit(AttemptFailure.workOf({ stage, plugin: node.plugin }, stage.run(inputs, config)), (exit) =>
          Effect.sync(() => {
            const milliseconds = performance.now() - began
            traces.set(node.name, { inputs: { ...inputs }, milliseconds, ...endOf(stage, exit) })
          })
        )
      })
    return { ...node, retry: { ...node.retry, times: 0 }, stage: { ...stage, run } }
  })
})

/** What a node that did not run came to: skipped when an input that it needs was. */
const withSkipped = (plan: Plan.Plan, traces: ReadonlyMap<string, NodeTrace>): ReadonlyMap<string, NodeTrace> => {
  const all = new Map(traces)
  for (const { inputs, name } of plan.nodes) {
    const skipped = Object.values(inputs)
      .flat()
      .find((input) => all.get(input)?.ended.outcome === "skipped")
    if (all.has(name) || skipped === undefined) continue
    const ended = { outcome: "skipped", code: "InputSkipped", message: `'${skipped}' was skipped` } as const
    all.set(name, { inputs: {}, ended, failure: undefined, stack: undefined, milliseconds: 0 })
  }
  return all
}

const found = (clip: string) =>
  Effect.gen(function* () {
    const scanner = yield* Scanner
    const request = { folder: dirname(clip), include: ["**"], exclude: [] }
    const looked = yield* Effect.mapError(scanner.look(request, [basename(clip)]), Refused.of)
    const [refusal] = looked.refused
    if (refusal !== undefined) return yield* Refused.of(refusal.error, place(clip))
    if (looked.found.length === 0)
      return yield* new Refused({
        code: ExitCode.failed,
        message: `No media file ${place(clip)}.`,
        help: "Correct the path of the clip."
      })
    return Scanned.Found({ files: looked.found })
  })

/**
 * Runs one clip through a pipeline, by the same runner as every run, and gives what each node was given and gave. A failing node
 * is no failure of the trial.
 *
 * @param clip absolute path of a media file
 */
export const run = (
  project: Project.Project,
  plan: Plan.Plan,
  clip: string,
  { calls, rerun = [], state }: TrialOptions
): Effect.Effect<ReadonlyMap<string, NodeTrace>, Refused> => {
  const traces = new Map<string, NodeTrace>()
  return Effect.gen(function* () {
    const runner = yield* Runner
    const ready = yield* runner.prepare(traced(plan, traces, calls))
    yield* runner.run(ready, Stream.fromEffect(found(clip)), { rerun, patience: 0 })
    return withSkipped(plan, traces)
  }).pipe(
    Effect.provide(layers.layer({ ...project, state })),
    Effect.catchTags({
      // The trace has it already.
      RunStopped: () => Effect.succeed(withSkipped(plan, traces)),
      PlanFault: ({ faults }) => {
        const [first] = faults
        return first === undefined ? Effect.succeed(traces) : Refused.of(first.failure, first.node)
      },
      StoreError: (error) => Refused.of(error, place(state))
    })
  )
}
