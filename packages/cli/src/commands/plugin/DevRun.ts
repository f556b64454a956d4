import { FileSystem, Path } from "@effect/platform"
import type { Calls, Project } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { basename } from "node:path"
import { Ended, ExitCode } from "../../ExitCode.js"
import { Output } from "../../output/Output.js"
import { place } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import * as StageSources from "../../StageSources.js"
import * as Sample from "../samples/Sample.js"
import * as SchemaFile from "../schema/SchemaFile.js"
import { RecordingError } from "../test/Recording.js"
import * as StageTrial from "../test/StageTrial.js"
import * as DevTarget from "./DevTarget.js"
import { failedText, traceText } from "./TraceView.js"

export interface DevOptions {
  /** A node or a stage. */
  readonly wanted: string | undefined
  readonly clip: { readonly _tag: "Sample"; readonly name: string } | { readonly _tag: "File"; readonly path: string }
  /** Make paid calls that aren't remembered. */
  readonly live: boolean
}

/** The clip's absolute path. A sample is written into a folder that goes with the scope; what was made of it is found by its content. */
const clipOf = ({ clip }: DevOptions) =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    if (clip._tag === "File") return path.resolve(clip.path)
    const sample = yield* Sample.named(clip.name)
    const fs = yield* FileSystem.FileSystem
    const file = path.join(yield* fs.makeTempDirectoryScoped({ prefix: "spool-dev-" }), sample.file)
    yield* fs.writeFile(file, sample.bytes())
    return file
  }).pipe(
    Effect.catchTags({
      BadArgument: ({ message }) => new Refused({ code: ExitCode.failed, message }),
      SystemError: ({ message }) => new Refused({ code: ExitCode.failed, message })
    })
  )

/** A call is paid for once, and only when it was asked for: every save would make it again. */
const guarded = (calls: Calls["Type"]): Calls["Type"] => ({
  ...calls,
  call: (call) =>
    calls.call(
      call,
      Effect.die(
        new RecordingError({
          code: "ReplyNotRecorded",
          detail: `the stage makes a new call to ${call.model} (${call.account}); \`--live\` makes and pays it once`
        })
      )
    )
})

/** Runs the stage on one clip and says what it was given, what it gave, and how long it took. */
export const run = (project: Project.Project, options: DevOptions) =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* SchemaFile.refresh(project)
    const { node, others, plan } = yield* DevTarget.find(project, options.wanted)
    const state = (yield* Path.Path).join(project.state, "dev")
    const { changed } = yield* StageSources.look(project, [{ ...plan, nodes: [node] }])
    for (const each of changed) yield* Effect.logWarning(StageSources.advice(each))
    const clip = yield* clipOf(options)
    const traces = yield* StageTrial.run(project, plan, clip, {
      state,
      rerun: [node.name],
      calls: options.live ? undefined : guarded
    })
    const trace = Option.fromNullable(traces.get(node.name))
    // What stands before it may have failed, and then there is nothing else to say.
    const culprit = [...traces].find(([, { ended }]) => ended.outcome === "failed")
    const shown = { clip: options.clip._tag === "File" ? place(clip) : `the sample ${basename(clip)}`, others }
    yield* output.print(
      Option.match(trace, {
        onSome: (trace) => traceText(node, trace, shown),
        onNone: () => failedText(node, culprit, shown)
      })
    )
    yield* output.value({
      type: "trial",
      node: node.name,
      stage: node.stage.name,
      version: node.stage.version,
      clip,
      config: node.config,
      inputs: Option.map(trace, ({ inputs }) => inputs).pipe(Option.getOrUndefined),
      ended: Option.match(trace, { onSome: ({ ended }) => ended, onNone: () => culprit?.[1].ended }),
      milliseconds: Option.map(trace, ({ milliseconds }) => milliseconds).pipe(Option.getOrUndefined)
    })
    if (Option.isNone(trace) || trace.value.ended.outcome === "failed") return yield* new Ended({ code: ExitCode.failed })
  }).pipe(Effect.scoped)
