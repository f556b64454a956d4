import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import type { Export, ExportManifest } from "@mediaspool/plugins"
import { Effect, Option } from "effect"
import { resolve } from "node:path"
import { Ended, ExitCode } from "../ExitCode.js"
import { Output } from "../output/Output.js"
import { bytes, count, counted } from "../output/Quantity.js"
import { place } from "../output/Text.js"
import { pipelineSources, stateFolder } from "../project.js"
import { savedQueries, usage } from "../query.js"
import { Refused } from "../Refused.js"
import { nothingYet, readStore } from "../store.js"
import * as options from "./options.js"

const formats = ["jsonl", "csv", "parquet", "vtt", "srt", "audiofolder", "webdataset", "m3u8"] as const

/** Loaded when it is needed: writers of files are slow to start. */
const exporting = Effect.promise(() => import("@mediaspool/plugins"))

const verify = (path: string) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { ExportManifest } = yield* exporting
    const { faults, files, manifest } = yield* Effect.catchTag(ExportManifest.verify(resolve(path)), "ExportError", (error) =>
      Refused.of(error)
    )
    yield* output.value({ type: "verified", path: resolve(path), format: manifest.format, files, faults })
    if (!output.json)
      yield* output.print(
        faults.length === 0
          ? `${place(resolve(path))} is what was exported: ${counted(files, "file")}, ${manifest.format}.`
          : `${place(resolve(path))} is not what was exported:\n${faults.map((fault) => `  ${fault}`).join("\n")}`
      )
    if (faults.length > 0) return yield* new Ended({ code: ExitCode.failed })
  })

/** What is said of an export without a row. */
const emptyText = (hints: ReadonlyArray<string>): string => ["No file fits the query: the export is empty.", ...hints].join(" ")

const report = (to: string, { counts, files, format }: ExportManifest.Manifest) =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* output.value({ type: "exported", path: to, format, counts, files })
    if (output.json) return
    const splits = Object.entries(counts.splits).map(([name, media]) => `${name} ${count(media)}`)
    const parts = [
      `${counted(counts.media, "file")} exported to ${place(to)}`,
      `${bytes(files.bytes)}${files.count === 1 ? "" : ` in ${counted(files.count, "file")}`}`,
      ...splits
    ]
    yield* output.print(`${parts.join(", ")}.`)
    if (counts.leftOut > 0)
      yield* output.print(`${counted(counts.leftOut, "file")} left out: missing on disk, or nothing to write for this format.`)
  })

const needed = (option: string) =>
  Refused.usage(`${option} is missing.`, "spool export 'emotion:sad' --as jsonl --to sad.jsonl; `spool export --help` has more.")

export const exportCommand = Command.make(
  "export",
  {
    query: options.query,
    as: Options.choice("as", formats).pipe(Options.optional, Options.withDescription("Format of the export")),
    to: Options.text("to").pipe(
      Options.withPseudoName("path"),
      Options.optional,
      Options.withDescription("New file, or folder, of the export")
    ),
    split: Options.text("split").pipe(
      Options.withPseudoName("shares"),
      Options.optional,
      Options.withDescription("Parts and their shares, such as train=0.9,test=0.1; a file never changes its part")
    ),
    by: Options.choice("by", ["content", "folder"]).pipe(
      Options.withDefault("content"),
      Options.withDescription("What --split keeps together: a content, or all files of a folder")
    ),
    files: Options.text("files").pipe(
      Options.withPseudoName("node"),
      Options.optional,
      Options.withDescription("Node whose files are exported instead of the originals (audiofolder, webdataset)")
    ),
    shard: Options.integer("shard-mb").pipe(
      Options.withDefault(1000),
      Options.withDescription("Size of a webdataset's shards in MB; default 1000")
    ),
    overwrite: Options.boolean("overwrite").pipe(
      Options.withDescription("Replace an export that is there: whole, or not at all")
    ),
    verify: Options.text("verify").pipe(
      Options.withPseudoName("path"),
      Options.optional,
      Options.withDescription("Check an export against its manifest; exports nothing")
    ),
    json: options.json,
    config: options.config
  },
  ({ as, by, config, files, json, overwrite, query, shard, split, to, verify: path }) =>
    Effect.gen(function* () {
      if (Option.isSome(path)) return yield* verify(path.value)
      if (Option.isNone(as)) return yield* needed("--as")
      if (Option.isNone(to) || to.value.trim() === "") return yield* needed("--to")
      if (shard < 1) return yield* Refused.usage("--shard-mb is less than 1.", "Give the size of a shard in MB.")
      const { Export, ExportSplit, Search } = yield* exporting
      const parts = Option.isNone(split) ? undefined : ExportSplit.parse(split.value, by)
      if (Option.isSome(split) && parts === undefined)
        return yield* Refused.usage(
          `--split ${split.value}: not names with shares that add up to 1.`,
          "Write it as train=0.9,test=0.1."
        )
      const state = yield* Effect.catchTag(stateFolder(config), "ConfigError", () => Effect.succeed(""))
      // Only media that were copied into a source folder would be taken for new ones.
      const sources = as.value === "audiofolder" ? yield* pipelineSources(config) : []
      const settings: Export.Options = {
        as: as.value,
        to: resolve(to.value),
        overwrite,
        split: parts,
        files: Option.getOrUndefined(files),
        shardBytes: shard * 1_000_000,
        stateFolder: state,
        guarded: sources.flatMap(({ source }) => (source === undefined ? [] : [source.folder])),
        saved: yield* savedQueries(config)
      }
      const manifest = yield* readStore(config, () =>
        Effect.tap(Export.write(query, settings), ({ counts }) =>
          counts.media > 0
            ? Effect.flatMap(Search.lacks(query, settings), (hints) =>
                Effect.flatMap(Output, (output) => Effect.forEach(hints, output.note, { discard: true }))
              )
            : Effect.flatMap(Search.hints(query, settings), (hints) =>
                Effect.flatMap(Output, (output) => output.note(emptyText(hints)))
              )
        ).pipe(
          Effect.catchTags({
            SearchError: usage,
            LibraryError: (error) => Refused.of(error),
            ExportError: (error) =>
              error.code === "ExportNotWritten" ? Refused.of(error) : Refused.usage(`${error.detail} (${error.code})`, error.help)
          })
        )
      )
      if (Option.isNone(manifest)) return yield* Effect.flatMap(Output, (output) => output.note(nothingYet))
      yield* report(settings.to, manifest.value)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Export what fits a query: tables, subtitles, playlists, training data"))
