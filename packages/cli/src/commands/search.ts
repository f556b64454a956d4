import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Search } from "@mediaspool/plugins"
import { Effect, Option } from "effect"
import { Output } from "../output/Output.js"
import { count, counted } from "../output/Quantity.js"
import { savedQueries, usage } from "../query.js"
import { Refused } from "../Refused.js"
import { nothingYet, readStore } from "../store.js"
import * as options from "./options.js"
import { foundView } from "./search/FoundView.js"

export const search = Command.make(
  "search",
  {
    words: Args.text({ name: "word" }).pipe(
      Args.atLeast(1),
      Args.withDescription(
        'rain piano · "heavy rain" · thunder* · rain OR storm · -wind · emotion:calm · duration:>60 · added:<7d · sort:-duration'
      )
    ),
    limit: Options.integer("limit").pipe(
      Options.withDefault(20),
      Options.withDescription("Number of results, 0 for all; default 20")
    ),
    offset: Options.integer("offset").pipe(Options.withDefault(0), Options.withDescription("Skip the first N results")),
    json: options.json,
    config: options.config
  },
  ({ config, json, limit, offset, words }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const most = yield* options.limitOf(limit)
      if (offset < 0) return yield* Refused.usage(`--offset ${offset} is below 0.`, "Give the number of results to skip.")
      const saved = yield* savedQueries(config)
      const result = yield* readStore(config, () =>
        Search.search(words.join(" "), { limit: Math.min(most, Number.MAX_SAFE_INTEGER), offset, saved }).pipe(
          Effect.catchTags({ SearchError: usage, LibraryError: (error) => Refused.of(error) })
        )
      )
      if (Option.isNone(result)) return yield* output.note(nothingYet)
      const { found, hints, ranked, total } = result.value
      for (const each of found) {
        yield* output.value({ type: "found", ...each })
        if (!output.json) yield* output.print(`${foundView(each)}\n`)
      }
      yield* output.value({ type: "summary", total, shown: found.length, ...(ranked === undefined ? {} : { ranked }) })
      const shown = found.length === total ? "" : `, ${count(found.length)} shown (--limit, --offset)`
      const among = ranked === undefined ? "" : ` The latest ${count(ranked)} of them were ranked.`
      yield* output.print(total === 0 ? ["No matches.", ...hints].join(" ") : `${counted(total, "file")} found${shown}.${among}`)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Find files by caption, tag, name or measurement"))
