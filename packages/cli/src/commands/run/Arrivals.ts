import {
  SelectedPaths,
  type Database,
  MissingFiles,
  type Plan,
  type CompiledPlan,
  type Scanned,
  Scanner,
  type SourceError,
  type StoreError,
  TakenByContent
} from "@mediaspool/core"
import { Effect, type Scope, Stream } from "effect"
import { ExitCode } from "../../ExitCode.js"
import { Output, paint } from "../../output/Output.js"
import type { Expected, RunProgress } from "../../output/RunProgress.js"
import { inline, place } from "../../output/Text.js"
import * as Warning from "../../output/Warning.js"
import { Refused } from "../../Refused.js"
import type { RunTarget } from "./RunTarget.js"

/** After so long it is worth counting what is still to come; most runs have ended by then. */
const COUNT_AFTER = "2 seconds"

type Finding = Stream.Stream<Scanned, SourceError | StoreError, Scanner | Database>

/** What a run looks through. */
interface Search {
  /** Files that vanished are marked. */
  readonly take: Finding
  /** Sees the same, and changes nothing. */
  readonly look: Finding
}

const searchFor = ({ paths, plan }: RunTarget, against: { readonly pipeline: string; readonly plan: number }) =>
  Effect.suspend((): Effect.Effect<Search, Refused> => {
    const { pipeline, source } = plan
    if (paths.length > 0) {
      const named = SelectedPaths.scan(paths, source ?? { exclude: [] }, against)
      return Effect.succeed({ take: named, look: named })
    }
    if (source === undefined)
      return new Refused({
        code: ExitCode.usage,
        message: `The pipeline '${pipeline}' has no source folder.`,
        help: `Give files or folders: \`spool run ${pipeline} PATH …\`, or set \`source: { folder: … }\` in the config.`
      })
    const request = { ...source, against }
    return Effect.succeed({
      take: MissingFiles.scan(request),
      look: Stream.flatMap(Scanner, (scanner) => scanner.scan(request))
    })
  })

/** A path that somebody typed is wrong usage; a folder of the config isn't. */
const refused = ({ source }: Plan.Plan, error: SourceError | StoreError): Refused | StoreError => {
  if (error._tag === "StoreError") return error
  if (error.code === "PathMissing" || error.code === "PathNotTaken")
    return new Refused({ code: ExitCode.usage, message: `${inline(error.message)} (${error.code})`, help: error.help })
  return Refused.of(error, source === undefined ? undefined : place(source.folder))
}

/** How much there is to do, for those who wait. */
const count = (look: Finding) =>
  Stream.runFold(look, { files: 0, bytes: 0 }, (sum: Expected, told) =>
    told._tag === "Found"
      ? { files: sum.files + told.files.length, bytes: told.files.reduce((bytes, { size }) => bytes + Number(size), sum.bytes) }
      : told._tag === "Unchanged"
        ? { ...sum, files: sum.files + told.count }
        : sum
  )

/** So much vanished at once that nothing was marked as gone. */
const warn = (doubt: SourceError, pipeline: string) =>
  Effect.gen(function* () {
    const { code, help, message } = doubt
    const output = yield* Output
    yield* output.value({ type: "warning", pipeline, code, message, help })
    yield* output.note(`${paint.yellow("!")} ${inline(message)} (${code})\n  ${help}`)
  })

/** The files of a target, for the runner; the progress hears of them as they pass. */
export const of = (
  target: RunTarget,
  ready: CompiledPlan,
  rerun: boolean,
  progress: RunProgress
): Effect.Effect<
  Stream.Stream<Scanned, Refused | StoreError, Scanner | Database | Output>,
  Refused,
  Scanner | Database | Scope.Scope
> =>
  Effect.gen(function* () {
    const { plan } = target
    // No plan has the number 0: made anew, everything is unfinished.
    const search = yield* searchFor(target, { pipeline: plan.pipeline, plan: rerun ? 0 : ready.id })
    // What is done by the time of the count isn't found again.
    const counted = Effect.suspend(() => {
      const before = progress.bytesDone
      return Effect.map(count(search.look), ({ bytes, files }) => (progress.expected = { files, bytes: before + bytes }))
    })
    yield* counted.pipe(
      Effect.delay(COUNT_AFTER),
      // Whatever is wrong, the scan itself says it.
      Effect.ignore,
      Effect.forkScoped
    )
    const tell = (files: number) => Warning.say(plan.pipeline, Warning.takenByContent(files))
    return TakenByContent.last(search.take, search.look, tell).pipe(
      Stream.mapError((error) => refused(plan, error)),
      Stream.tap((told) => {
        if (told._tag === "Found") told.files.forEach(({ path, size }) => progress.arrive(path, Number(size)))
        return told._tag === "Finished" && told.doubt !== undefined ? warn(told.doubt, plan.pipeline) : Effect.void
      })
    )
  })
