import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Database, Library, RawPath, requeue as tryAgain, WatchControl } from "@mediaspool/core"
import type { SavedQueries } from "@mediaspool/plugins"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { ExitCode } from "../ExitCode.js"
import { inline } from "../output/Text.js"
import { Output } from "../output/Output.js"
import { counted } from "../output/Quantity.js"
import { savedQueries, usage } from "../query.js"
import { Refused } from "../Refused.js"
import { withStore } from "../store.js"
import { unknownName } from "../unknownName.js"
import * as options from "./options.js"

const unsaid = new Refused({
  code: ExitCode.usage,
  message: "Which failures? `--failed` means all; files, a query, `--stage`, `--code` and `--pipeline` select.",
  help: "`spool errors` lists them with the same options."
})

/** A word that is a path, or a name, and none that the library knows: no query finds what was meant. */
const unknown = (word: string) =>
  new Refused({
    code: ExitCode.failed,
    message: `The library knows no file ${inline(word)}.`,
    help: "`spool run` takes in what is new; `spool ls` lists what is known."
  })

/** Whether a word is a path rather than a part of a query. */
const isPath = (word: string): boolean => !/[:"]/.test(word) && (word.includes("/") || existsSync(resolve(word)))

/** Whether a word looks like the name of a file. */
const isName = (word: string): boolean => /^[^:"]+\.[a-z0-9]{2,5}$/i.test(word)

/** The items at these paths; none unless every word is the path of one. Fails with the first that is a path, or name, of no item. */
const named = (words: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const database = yield* Database
    const found = yield* database.reading(() =>
      words.map((word) => ({
        word,
        row: database.row("SELECT id FROM item WHERE gone_at = 0 AND path = ?", [RawPath.toBytes(resolve(word))]),
        isPartOf: () =>
          database.row("SELECT id FROM item WHERE gone_at = 0 AND instr(path, ?) > 0", [RawPath.toBytes(`/${word}`)]) !==
          undefined
      }))
    )
    const stranger = found.find(({ isPartOf, row, word }) => row === undefined && (isPath(word) || isName(word)) && !isPartOf())
    if (stranger !== undefined) return yield* unknown(stranger.word)
    return found.every(({ row }) => row !== undefined) ? new Set(found.map(({ row }) => Number(row?.["id"]))) : undefined
  })

/** Files that failed, or wait, and fit a query. */
const matching = (query: string, saved: SavedQueries) =>
  Effect.gen(function* () {
    const { Search } = yield* Effect.promise(() => import("@mediaspool/plugins"))
    const { where } = yield* Search.statement(query, "item", { saved })
    const library = yield* Library
    const rows = yield* library.read({
      sql: `SELECT item.id FROM item LEFT JOIN media ON media.content_hash = item.content_hash
        WHERE item.gone_at = 0 AND item.id IN (SELECT item FROM failure) AND (${where.sql})`,
      values: where.values
    })
    return new Set(rows.map((row) => Number(row["id"])))
  })

export const requeue = Command.make(
  "requeue",
  {
    failed: Options.boolean("failed").pipe(Options.withDescription("All failed and waiting files; other options narrow it")),
    words: options.filesOrQuery,
    ...options.failureFilter,
    json: options.json,
    config: options.config
  },
  ({ config, failed, json, words, ...filter }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const query = words.join(" ")
      const chosen = options.failureFilterOf(filter)
      if (!failed && query === "" && Object.values(chosen).every((value) => value === undefined)) return yield* unsaid
      const saved = query === "" ? {} : yield* savedQueries(config)
      const again = Effect.gen(function* () {
        const typo = unknownName(yield* Database, chosen)
        if (query === "") return { ...(yield* tryAgain(chosen)), areNamed: false, typo }
        const files = yield* named(words)
        if (files !== undefined) return { ...(yield* tryAgain({ ...chosen, items: files })), areNamed: true, typo }
        const { Search } = yield* Effect.promise(() => import("@mediaspool/plugins"))
        const items = yield* matching(query, saved)
        for (const hint of yield* (items.size === 0 ? Search.hints : Search.lacks)(query, { saved })) yield* output.note(hint)
        return { ...(yield* tryAgain({ ...chosen, items })), areNamed: false, typo }
      }).pipe(Effect.catchTags({ SearchError: usage, LibraryError: (error) => Refused.of(error) }))
      const { areNamed, typo, ...done } = yield* withStore(config, Effect.zipLeft(again, WatchControl.rescan))
      yield* output.value({ type: "requeued", ...done })
      if (output.json) return
      yield* output.print(
        done.items === 0
          ? areNamed
            ? `Nothing failed or waits there. \`spool run --rerun NODE FILE\` makes a result again.`
            : (typo ?? "No matching failures.")
          : `${counted(done.items, "file")} will be retried by the next run or scan.${
              done.calls === 0 ? "" : ` ${counted(done.calls, "call")} with unknown outcome will be paid again.`
            }`
      )
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Retry failed files in the next run"))
