import { type IgnoredReason, type Project, RawPath, Scanner, type SourceError } from "@mediaspool/core"
import { Effect, Option, Stream } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { place } from "../../output/Text.js"
import { Refused } from "../../Refused.js"

/** A file in a source folder that is no media. */
export interface IgnoredFile {
  /** Absolute; a RawPath. */
  readonly path: string
  readonly reason: IgnoredReason
  /** Those that would take it if it were media. */
  readonly pipelines: ReadonlyArray<string>
}

/** No plan has the number 0: what a file stands at doesn't matter here, only whether it is known. */
const ANY_PLAN = 0

/** Looks through the source folders, as a run would, for the files that it would ignore; by path. Nothing is written. */
export const ignoredFiles = (
  { pipelines, state }: Project.Project,
  pipeline: string | undefined
): Effect.Effect<ReadonlyArray<IgnoredFile>, Refused> =>
  Effect.gen(function* () {
    const found = new Map<string, { readonly reason: IgnoredReason; readonly pipelines: Array<string> }>()
    const scanner = yield* Scanner
    for (const [name, { plan }] of pipelines) {
      const { source } = plan
      if (source === undefined || (pipeline !== undefined && pipeline !== name)) continue
      const { exclude, folder, include } = source
      yield* scanner.scan({ folder, include, exclude, against: { pipeline: name, plan: ANY_PLAN }, listsIgnored: true }).pipe(
        Stream.runForEach((told) =>
          Effect.sync(() => {
            if (told._tag !== "Ignored") return
            for (const { path, reason } of told.listed) {
              const known = found.get(path)
              if (known === undefined) found.set(path, { reason, pipelines: [name] })
              else known.pipelines.push(name)
            }
          })
        ),
        Effect.mapError((error: SourceError) => Refused.of(error, place(folder)))
      )
    }
    return [...found]
      .map(([path, { pipelines, reason }]) => ({ path, reason, pipelines }))
      .sort((a, b) => Buffer.compare(RawPath.toBytes(a.path), RawPath.toBytes(b.path)))
  }).pipe(Effect.provide(Scanner.layerReading(state, Option.liftPredicate(join(state, "spool.db"), existsSync))))
