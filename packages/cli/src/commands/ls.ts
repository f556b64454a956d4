import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import type { Database, Library, LibraryError } from "@mediaspool/core"
import { Search, type SearchError } from "@mediaspool/plugins"
import { Array, Effect, Option, Stream } from "effect"
import { reasonText } from "../output/IgnoredText.js"
import { Output, paint } from "../output/Output.js"
import { count, counted, position } from "../output/Quantity.js"
import { table } from "../output/Table.js"
import { inline, place, shortened } from "../output/Text.js"
import { loadProject } from "../project.js"
import { savedQueries, usage } from "../query.js"
import { Refused } from "../Refused.js"
import { nothingYet, readStore } from "../store.js"
import { unknownName } from "../unknownName.js"
import { type Filter, type ListedFile, counts, files } from "./ls/ListedFile.js"
import * as options from "./options.js"

/** Files that are shown to a person who doesn't say how many. */
const SHOWN = 200

/** The states that a list can be asked for. */
const states = ["done", "failed", "waiting", "ignored"] as const

const colour = { done: paint.green, failed: paint.red, waiting: paint.yellow }

/** One word where all pipelines agree, else one for each. */
const standing = ({ standings }: ListedFile): string => {
  const different = new Set(standings.map(({ state }) => state))
  if (different.size === 0) return paint.dim("new")
  return standings
    .slice(0, different.size === 1 ? 1 : undefined)
    .map(({ pipeline, state }) => colour[state](different.size === 1 ? state : `${pipeline} ${state}`))
    .join(", ")
}

const about = ({ caption, obstacles }: ListedFile, length: number): string =>
  obstacles.length > 0
    ? Object.entries(Array.groupBy(obstacles, ({ code }) => code))
        .map(([code, met]) => `${paint.red(code)} in ${met.map(({ node }) => node).join(", ")}`)
        .join("; ")
    : shortened(inline(caption ?? ""), length)

const listing = (listed: ReadonlyArray<ListedFile>): string => {
  const names = listed.map(({ path }) => shortened(place(path), 48))
  const columns = process.stdout.columns ?? 120
  const rest = Math.max(20, columns - Math.max(...names.map((name) => name.length)) - 24)
  return table(
    [{ head: "file" }, { head: "status" }, { head: "length", align: "right" }, { head: "what" }],
    listed.map((file, i) => [
      names[i] ?? "",
      standing(file),
      file.durationSeconds === undefined ? "" : position(file.durationSeconds),
      about(file, rest)
    ])
  )
}

const summary = (by: ReadonlyMap<string, number>, shown: number, limit: number): string => {
  const parts = ["done", "failed", "waiting", "new"].filter((state) => by.has(state))
  const more = shown === limit ? ` Showing the first ${count(limit)}; \`--limit 0\` shows all.` : ""
  return paint.dim(`${parts.map((state) => `${count(by.get(state) ?? 0)} ${state}`).join(", ")}.${more}`)
}

const show = (
  database: Database["Type"],
  filter: Filter,
  limit: number,
  hints: Effect.Effect<ReadonlyArray<string>, LibraryError | SearchError, Library>,
  lacks: Effect.Effect<ReadonlyArray<string>, LibraryError | SearchError, Library>
) =>
  Effect.gen(function* () {
    const output = yield* Output
    const all = files(database, filter)
    const found = Number.isFinite(limit) ? Stream.take(all, limit) : all
    if (output.json)
      return yield* Stream.runForEach(found, ({ id, ...file }) => output.value({ type: "file", item: id, ...file }))
    const listed = [...(yield* Stream.runCollect(found))]
    if (listed.length === 0)
      return yield* output.print(
        filter.where !== undefined
          ? ["No matches.", ...(yield* hints)].join(" ")
          : (unknownName(database, filter) ??
              (filter.state === undefined ? "No files." : `No files with status "${filter.state}".`))
      )
    if (filter.where !== undefined) yield* Effect.forEach(yield* lacks, output.note, { discard: true })
    yield* output.print(listing(listed))
    if (filter.where === undefined) yield* output.print(summary(yield* counts(database), listed.length, limit))
    else
      yield* output.print(
        paint.dim(`${counted(listed.length, "file")}${listed.length === limit ? " shown; `--limit 0` shows all" : ""}.`)
      )
  })

/** Files of the source folders that are no media. */
const showIgnored = (config: Option.Option<string>, pipeline: string | undefined, limit: number) =>
  Effect.gen(function* () {
    const output = yield* Output
    const project = yield* loadProject(config)
    const { ignoredFiles } = yield* Effect.promise(() => import("./ls/IgnoredFiles.js"))
    // A library of an older version is brought up to date first.
    yield* readStore(config, () => Effect.void)
    const files = yield* ignoredFiles(project, pipeline)
    const listed = files.slice(0, limit)
    if (output.json)
      return yield* Effect.forEach(
        listed,
        ({ path, pipelines, reason }) =>
          output.value({ type: "file", path, reason, standings: pipelines.map((pipeline) => ({ pipeline, state: "ignored" })) }),
        { discard: true }
      )
    if (files.length === 0) return yield* output.print(`No files with status "ignored".`)
    const rows = listed.map(({ path, reason }) => [shortened(place(path), 72), reasonText(reason)])
    yield* output.print(table([{ head: "file" }, { head: "what" }], rows))
    const more = listed.length < files.length ? ` Showing the first ${count(listed.length)}; \`--limit 0\` shows all.` : ""
    yield* output.print(paint.dim(`${count(files.length)} ignored.${more}`))
  })

export const ls = Command.make(
  "ls",
  {
    query: options.query,
    state: Options.choice("status", states).pipe(
      Options.withAlias("state"),
      Options.optional,
      Options.withDescription("Only files with this status")
    ),
    pipeline: Options.text("pipeline").pipe(
      Options.withPseudoName("pipeline"),
      Options.optional,
      Options.withDescription("Only files of this pipeline")
    ),
    limit: Options.integer("limit").pipe(
      Options.optional,
      Options.withDescription("Number of files, 0 for all; default 200, with --json all")
    ),
    json: options.json,
    config: options.config
  },
  ({ config, json, limit, pipeline, query, state }) =>
    Effect.gen(function* () {
      const most = yield* options.limitOf(Option.getOrElse(limit, () => (json ? 0 : SHOWN)))
      if (Option.contains(state, "ignored")) {
        if (query !== "")
          return yield* Refused.usage(
            "Ignored files are not in the library, so that no query finds them.",
            "Leave the query out."
          )
        return yield* showIgnored(config, Option.getOrUndefined(pipeline), most)
      }
      const saved = query === "" ? {} : yield* savedQueries(config)
      const found = yield* readStore(config, (database) =>
        Effect.gen(function* () {
          const filter = { state: Option.getOrUndefined(state), pipeline: Option.getOrUndefined(pipeline) }
          const asked = query === "" ? {} : yield* Search.statement(query, "item", { saved })
          yield* show(database, { ...filter, ...asked }, most, Search.hints(query, { saved }), Search.lacks(query, { saved }))
        }).pipe(Effect.catchTags({ SearchError: usage, LibraryError: (error) => Refused.of(error) }))
      )
      if (Option.isNone(found)) yield* Effect.flatMap(Output, (output) => output.note(nothingYet))
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("List files and their status"))
