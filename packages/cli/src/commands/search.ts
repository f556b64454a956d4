import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Likeness, Search, VectorIndex } from "@mediaspool/plugins"
import { Effect, Option } from "effect"
import { dirname, join } from "node:path"
import { Output } from "../output/Output.js"
import { count, counted } from "../output/Quantity.js"
import { savedQueries, usage } from "../query.js"
import { Refused } from "../Refused.js"
import { nothingYet, readStore } from "../store.js"
import * as options from "./options.js"
import { foundView } from "./search/FoundView.js"

/** What sounds like a file, without the file itself. */
const alike = (file: string, typed: string, paging: Search.Options) =>
  Effect.gen(function* () {
    const { likeSound } = yield* Effect.promise(() => import("./search/LikeFile.js"))
    const { contentHash, vector } = yield* likeSound(file)
    const hint = "--like needs the stage `timbre`"
    return yield* Likeness.search(vector, Likeness.TIMBRE, typed, { ...paging, except: contentHash, hint })
  })

export const search = Command.make(
  "search",
  {
    words: Args.text({ name: "word" }).pipe(
      Args.repeated,
      Args.withDescription(
        'rain piano · "heavy rain" · thunder* · rain OR storm · -wind · emotion:calm · duration:>60 · added:<7d · sort:-duration'
      )
    ),
    like: Options.text("like").pipe(
      Options.withPseudoName("file"),
      Options.optional,
      Options.withDescription("Files that sound like this one, nearest first; a path, or a file of the library")
    ),
    meaning: Options.boolean("meaning").pipe(
      Options.withDescription("Search by meaning too: files that match the sense of the words, mixed with those that have them")
    ),
    limit: Options.integer("limit").pipe(
      Options.withDefault(20),
      Options.withDescription("Number of results, 0 for all; default 20")
    ),
    offset: Options.integer("offset").pipe(Options.withDefault(0), Options.withDescription("Skip the first N results")),
    json: options.json,
    config: options.config
  },
  ({ config, json, like, limit, meaning, offset, words }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const most = yield* options.limitOf(limit)
      if (offset < 0) return yield* Refused.usage(`--offset ${offset} is below 0.`, "Give the number of results to skip.")
      const typed = words.join(" ")
      if (meaning && Option.isSome(like))
        return yield* Refused.usage("--like and --meaning are two searches.", "Take one of them.")
      if (typed.trim() === "" && Option.isNone(like))
        return yield* Refused.usage("There is nothing to look for.", "Type words, filters such as duration:>60, or --like FILE.")
      const saved = yield* savedQueries(config)
      const paging = { limit: Math.min(most, Number.MAX_SAFE_INTEGER), offset, saved }
      const result: Option.Option<Search.Result> = meaning
        ? yield* Effect.flatMap(
            Effect.promise(() => import("./search/MeaningSearch.js")),
            ({ searchMeaning }) => searchMeaning(config, typed, paging)
          )
        : yield* readStore(config, ({ file }) =>
            Effect.gen(function* () {
              if (Option.isNone(like)) return yield* Search.search(typed, paging)
              return yield* Effect.provide(alike(like.value, typed, paging), VectorIndex.layer(join(dirname(file), "vectors.db")))
            }).pipe(Effect.catchTags({ SearchError: usage, LibraryError: (error) => Refused.of(error) }))
          )
      if (Option.isNone(result)) return yield* output.note(nothingYet)
      const { found, hints, ranked, total } = result.value
      if (total > 0) yield* Effect.forEach(hints, output.note, { discard: true })
      for (const each of found) {
        yield* output.value({ type: "found", ...each })
        if (!output.json) yield* output.print(`${foundView(each, Option.isSome(like))}\n`)
      }
      yield* output.value({ type: "summary", total, shown: found.length, ...(ranked === undefined ? {} : { ranked }) })
      const shown = found.length === total ? "" : `, ${count(found.length)} shown (--limit, --offset)`
      const among = ranked === undefined ? "" : ` The latest ${count(ranked)} of them were ranked.`
      yield* output.print(total === 0 ? ["No matches.", ...hints].join(" ") : `${counted(total, "file")} found${shown}.${among}`)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Find files by caption, tag, name, measurement, likeness or meaning"))
