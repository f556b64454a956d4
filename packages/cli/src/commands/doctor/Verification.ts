import { MediaEngine } from "@mediaspool/plugins"
import { Effect, type Option, Stream } from "effect"
import { Ended, ExitCode } from "../../ExitCode.js"
import { Output, paint } from "../../output/Output.js"
import { counted } from "../../output/Quantity.js"
import { inline, place } from "../../output/Text.js"
import { stateFolder } from "../../project.js"
import { savedQueries, usage } from "../../query.js"
import { Refused } from "../../Refused.js"
import { withStore } from "../../store.js"
import * as Diagnostics from "../../Diagnostics.js"
import * as StoredResults from "./verify/StoredResults.js"

const told = ({ path, skipped, wrong }: StoredResults.VerifiedFile): ReadonlyArray<string> =>
  skipped !== undefined
    ? [`${paint.yellow("!")} ${place(path)}  not compared: ${inline(skipped)}`]
    : wrong.map(
        ({ detail, kind, node, pipeline }) => `${paint.red("✗")} ${place(path)}  ${pipeline}/${node} (${kind}): ${inline(detail)}`
      )

const HELP =
  "`spool run PIPELINE FILE --rerun NODE` makes a result again. Captions and tags that were made from a wrong copy stay as they are."

/** Decodes the files that fit a query, and says whose stored results don't stem from their bytes. */
export const verification = (config: Option.Option<string>, query: string) =>
  Effect.gen(function* () {
    const output = yield* Output
    const folder = yield* Effect.catchTag(stateFolder(config), "ConfigError", Diagnostics.refuse)
    const saved = query === "" ? {} : yield* savedQueries(config)
    const sum = { files: 0, compared: 0, wrong: 0, skipped: 0 }
    const each = (file: StoredResults.VerifiedFile) =>
      Effect.gen(function* () {
        sum.files += 1
        sum.compared += file.compared
        sum.wrong += file.wrong.length
        sum.skipped += file.skipped === undefined ? 0 : 1
        yield* output.value({ type: "verified", ...file })
        if (!output.json) for (const line of told(file)) yield* output.print(line)
      })
    const verified = Stream.runForEach(StoredResults.verify(query, saved, folder), each).pipe(
      Effect.provide(MediaEngine.layer),
      Effect.catchTags({
        SearchError: usage,
        LibraryError: (error) => Refused.of(error)
      })
    )
    yield* withStore(config, verified)
    yield* output.value({ type: "summary", ...sum })
    if (!output.json) {
      const skipped = sum.skipped === 0 ? "" : `, ${sum.skipped} not compared`
      const wrong = sum.wrong === 0 ? "all stem from their files" : `${counted(sum.wrong, "result")} wrong`
      yield* output.print(`${counted(sum.compared, "result")} of ${counted(sum.files, "file")} compared: ${wrong}${skipped}.`)
      if (sum.wrong > 0) yield* output.print(HELP)
    }
    if (sum.wrong > 0) return yield* new Ended({ code: ExitCode.failed })
  })
