import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import type { WriteTags } from "@mediaspool/plugins"
import { DateTime, Effect, Option, Stream } from "effect"
import { Ended, ExitCode } from "../ExitCode.js"
import { Output, paint } from "../output/Output.js"
import { counted } from "../output/Quantity.js"
import { inline, place, shortened } from "../output/Text.js"
import { savedQueries, usage } from "../query.js"
import { Refused } from "../Refused.js"
import { withStore } from "../store.js"
import * as options from "./options.js"

const tagging = Effect.promise(() => import("@mediaspool/plugins"))

interface Totals {
  readonly files: number
  readonly written: number
  readonly refused: number
  /** Files that hold what other runs wrote, after an undo of the latest. */
  readonly earlier: number
}

/** What changes in a file, line by line: what stood there, and what will. */
const view = ({ changes, path, refusal, written }: WriteTags.TagOutcome, undone: boolean): string =>
  refusal !== undefined
    ? `${place(path)}\n  ${paint.yellow("left as it is:")} ${inline(refusal.detail)} (${refusal.code})`
    : undone
      ? `${place(path)}  ${paint.green("as before")}`
      : [
          `${paint.bold(place(path))}${written ? paint.green("  written") : ""}`,
          ...changes.flatMap(({ after, before, name }) => [
            ...(before === undefined ? [] : [paint.red(`  - ${name}: ${shortened(inline(before), 90)}`)]),
            paint.green(`  + ${name}: ${shortened(inline(after), 90)}`)
          ])
        ].join("\n")

/** Prints each outcome as it comes, and counts. */
const report = <E, R>(outcomes: Stream.Stream<WriteTags.TagOutcome, E, R>, undone: boolean) =>
  Effect.gen(function* () {
    const output = yield* Output
    return yield* Stream.runFoldEffect(outcomes, { files: 0, written: 0, refused: 0, earlier: 0 }, (totals: Totals, outcome) => {
      const { changes, contentHash, path, refusal, written } = outcome
      if (changes.length === 0 && refusal === undefined && !written) return Effect.succeed(totals)
      const failure =
        refusal === undefined ? {} : { refusal: { code: refusal.code, message: refusal.detail, help: refusal.help } }
      return output.value({ type: "tags", path, contentHash, changes, written, ...failure }).pipe(
        Effect.zipRight(output.json ? Effect.void : output.print(view(outcome, undone))),
        Effect.as({
          ...totals,
          files: totals.files + 1,
          written: totals.written + (written ? 1 : 0),
          refused: totals.refused + (refusal === undefined ? 0 : 1)
        })
      )
    })
  })

/** Refuses a vocabulary that no file has a label of. */
const knownVocabulary = (name: string) =>
  Effect.gen(function* () {
    const { Search } = yield* tagging
    const known = [...new Set((yield* Search.facets).map(({ vocabulary }) => vocabulary))]
    if (!known.includes(name))
      return yield* Refused.usage(
        `--genre: no file has a label of the vocabulary '${name}'.`,
        known.length === 0 ? "Run a stage that writes tags first." : `Choose one of ${known.join(", ")}.`
      )
  })

export const writeTags = Command.make(
  "write-tags",
  {
    query: options.query,
    dryRun: Options.boolean("dry-run").pipe(Options.withDescription("Show what would change; the default without --yes")),
    yes: Options.boolean("yes").pipe(Options.withDescription("Write into the files")),
    undo: Options.boolean("undo").pipe(
      Options.withDescription("Make files what they were: of the run that is named, else of the latest")
    ),
    comment: Options.boolean("comment").pipe(Options.withDescription("Write the caption into the comment too")),
    genre: Options.text("genre").pipe(
      Options.withPseudoName("vocabulary"),
      Options.optional,
      Options.withDescription("Write the labels of this vocabulary into the genre too")
    ),
    json: options.json,
    config: options.config
  },
  ({ comment, config, dryRun, genre, json, query, undo, yes }) =>
    Effect.gen(function* () {
      const output = yield* Output
      if (dryRun && yes) return yield* Refused.usage("--dry-run and --yes contradict each other.", "Leave one of them out.")
      const { Search, WriteTags } = yield* tagging
      const saved = yield* savedQueries(config)
      const run = DateTime.formatIso(yield* DateTime.now)
      const named = query.trim() === "" ? Option.none<string>() : Option.some(query.trim())
      const work = Effect.gen(function* () {
        if (!undo) {
          if (Option.isSome(genre)) yield* knownVocabulary(genre.value)
          const standard = { comment, genre: Option.getOrUndefined(genre) }
          const totals = yield* report(WriteTags.write(query, { saved, run: yes ? run : undefined, standard }), false)
          const hints = totals.files === 0 ? Search.hints : Search.lacks
          for (const hint of yield* hints(query, { saved })) yield* output.note(hint)
          return totals
        }
        const meant = Option.isSome(named) ? named : yield* WriteTags.lastRun
        if (Option.isNone(meant)) return { files: 0, written: 0, refused: 0, earlier: 0 }
        const totals = yield* report(WriteTags.undo(meant.value), true)
        return { ...totals, earlier: Option.isSome(named) ? 0 : yield* WriteTags.writtenBesides(meant.value) }
      })
      const { earlier, ...totals } = yield* withStore(
        config,
        work.pipe(Effect.catchTags({ SearchError: usage, LibraryError: (error) => Refused.of(error) }))
      )
      yield* output.value({ type: "summary", ...(yes ? { run } : {}), ...totals })
      if (!output.json) {
        const left =
          totals.refused === 0
            ? ""
            : ` ${counted(totals.refused, "file")} left as ${totals.refused === 1 ? "it is" : "they are"}.`
        yield* output.print(
          undo
            ? totals.files === 0
              ? "No written tags to undo."
              : `${counted(totals.written, "file")} restored.${left}${earlier === 0 ? "" : ` Earlier runs wrote into ${counted(earlier, "file")}: \`--undo\` again takes the next one back.`}`
            : totals.files === 0
              ? "Nothing to write: no file fits, or all have these tags."
              : yes
                ? `${counted(totals.written, "file")} written.${left} \`spool write-tags --undo\` takes it back.`
                : `${counted(totals.files - totals.refused, "file")} would change.${left} Nothing was written: add --yes to write.`
        )
      }
      if (totals.refused > 0 && (yes || undo)) return yield* new Ended({ code: ExitCode.failed })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Write captions and tags into the files' own metadata; shows the changes first"))
