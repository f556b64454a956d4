import { type ConfigError, ConfigFile, Diagnostic, type Project } from "@mediaspool/core"
import { Effect, Either, Option } from "effect"
import { statSync } from "node:fs"
import { load } from "../../host.js"
import { place } from "../../output/Text.js"

/** When each of the files was written last. */
const stamps = (files: ReadonlyArray<string>): string =>
  files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join(" ")

const said = (error: ConfigError): string =>
  [...error.faults.map((fault) => Diagnostic.render(fault, place)), error.help].join("\n")

/** The config as it is now: read when it is asked for the first time, and after an edit. Fails with what a person reads. */
export const make = (named: Option.Option<string>): Effect.Effect<Project.Project, string> => {
  let known:
    | { readonly files: ReadonlyArray<string>; readonly stamps: string; readonly read: Either.Either<Project.Project, string> }
    | undefined
  const read = Effect.gen(function* () {
    if (known !== undefined && stamps(known.files) === known.stamps) return yield* known.read
    const file = yield* ConfigFile.find({ cwd: process.cwd(), file: Option.getOrUndefined(named) }).pipe(Effect.mapError(said))
    const before = stamps([file])
    const came = Either.mapLeft(yield* Effect.either(load(Option.some(file))), said)
    const files = Either.match(came, { onLeft: () => [file], onRight: ({ files }) => files })
    known = { files, stamps: files.length === 1 ? before : stamps(files), read: came }
    return yield* came
  })
  const turn = Effect.unsafeMakeSemaphore(1)
  return turn.withPermits(1)(read)
}
