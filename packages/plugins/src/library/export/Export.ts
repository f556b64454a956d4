import { Library, type LibraryError } from "@mediaspool/core"
import { Effect, Stream } from "effect"
import { createHash } from "node:crypto"
import type { Context } from "../Query.js"
import * as Search from "../Search.js"
import type { SearchError } from "../SearchError.js"
import { ExportError } from "./ExportError.js"
import * as ExportColumns from "./ExportColumns.js"
import type { ExportFormat } from "./ExportFormat.js"
import * as ExportLines from "./ExportLines.js"
import type { Manifest } from "./ExportManifest.js"
import * as ExportRow from "./ExportRow.js"
import * as ExportSplit from "./ExportSplit.js"
import * as ExportTarget from "./ExportTarget.js"
import * as MediaColumn from "./MediaColumn.js"
import { audiofolder } from "./formats/audiofolder.js"
import { csv } from "./formats/csv.js"
import { jsonl } from "./formats/jsonl.js"
import { m3u8 } from "./formats/m3u8.js"
import { parquet } from "./formats/parquet.js"
import { srt, vtt } from "./formats/subtitles.js"
import { webdataset } from "./formats/webdataset.js"

/** All that an export can be, by name. */
export const formats = { jsonl, csv, parquet, vtt, srt, audiofolder, webdataset, m3u8 } satisfies Record<string, ExportFormat>
/** The name of a format, as `--as` takes it. */
export type FormatName = keyof typeof formats

/** What is exported, and where to. */
export interface Options extends Omit<Context, "vocabularies" | "all"> {
  readonly as: FormatName
  /** Absolute. */
  readonly to: string
  readonly overwrite?: boolean
  readonly split?: ExportSplit.ExportSplit | undefined
  /** A node whose files go along in place of the originals, for `audiofolder` and `webdataset`. */
  readonly files?: string | undefined
  /** Of a `webdataset`; default 1 GB. */
  readonly shardBytes?: number | undefined
  /** Absolute. */
  readonly stateFolder: string
  /** Folders that nothing may be written into, besides the state folder; absolute. */
  readonly guarded?: ReadonlyArray<string>
}

const SHARD = 1_000_000_000

const read = (sql: string) => Effect.flatMap(Library, (library) => library.read({ sql, values: [] }))

/** What the library's results were made with. */
const provenance = Effect.gen(function* () {
  const models = yield* read("SELECT model, provider FROM caption UNION SELECT model, provider FROM tag ORDER BY model, provider")
  const vocabularies = yield* read("SELECT DISTINCT vocabulary, vocabulary_version FROM tag ORDER BY 1, 2")
  const plans = yield* read(
    `SELECT pipeline, description FROM plan WHERE id IN (SELECT max(id) FROM plan GROUP BY pipeline)
     AND pipeline IN (SELECT pipeline FROM receipt) ORDER BY pipeline`
  )
  return {
    models: models.map(({ model, provider }) => ({ model: String(model), provider: String(provider) })),
    vocabularies: vocabularies.map(({ vocabulary, vocabulary_version: version }) => ({
      name: String(vocabulary),
      version: typeof version === "string" ? version : null
    })),
    pipelines: plans.map(({ description, pipeline }) => {
      const plan: unknown = JSON.parse(String(description))
      return { name: String(pipeline), plan }
    })
  }
})

/**
 * Writes what fits a query into a file or a folder, with a manifest. The same library gives the same bytes; memory doesn't grow with
 * the library. What was at the target is replaced whole, or not at all.
 */
export const write = (
  query: string,
  options: Options
): Effect.Effect<Manifest, LibraryError | SearchError | ExportError, Library> =>
  Effect.gen(function* () {
    const { as, files, guarded = [], overwrite = false, shardBytes = SHARD, split, stateFolder, to } = options
    const format: ExportFormat = formats[as]
    if (files !== undefined && as !== "audiofolder" && as !== "webdataset")
      return yield* new ExportError({ code: "ExportOptionUnfit", detail: `${as} takes no media files along` })
    const selection = yield* Search.statement(query, "media", options)
    const made = yield* provenance
    const columns = yield* MediaColumn.all
    const paths = new Set(
      (yield* Effect.flatMap(Library, (library) =>
        library.read({ sql: "SELECT 1 AS found FROM item WHERE path = CAST(? AS BLOB) AND gone_at = 0", values: [to] })
      )).map(() => to)
    )
    const counts = { media: 0, captions: 0, tags: 0 }
    const parts = new Map((split?.parts ?? []).map(([name]) => [name, 0]))
    const content = createHash("sha256")
    const add = (page: ExportLines.ExportLines | ExportColumns.ExportColumns) => {
      counts.media += page.media
      counts.captions += page.captions
      counts.tags += page.tags
      content.update(page.contents)
    }
    const lines = ExportLines.pages(selection).pipe(
      Stream.map((page) => {
        add(page)
        return page.lines
      })
    )
    const columnPages = Stream.map(ExportColumns.pages(selection), (page) => {
      add(page)
      return page
    })
    const partOf = (row: ExportRow.ExportRow): string | undefined => {
      const part = split === undefined ? undefined : ExportSplit.partOf(split, row.contentHash, row.path)
      if (part !== undefined) parts.set(part, (parts.get(part) ?? 0) + 1)
      return part
    }
    const pages = ExportRow.pages(selection, format.form ?? "json", files).pipe(
      Stream.map((rows) => {
        content.update(rows.map(({ contentHash }) => contentHash).join(""))
        counts.media += rows.length
        for (const { captions, tags } of rows) {
          counts.captions += captions
          counts.tags += tags
        }
        return split === undefined ? rows : rows.map((row) => ({ ...row, split: partOf(row) }))
      })
    )
    return yield* ExportTarget.replace(
      to,
      { kind: format.kind, overwrite, guarded: [stateFolder, ...guarded], isOriginal: (path) => paths.has(path) },
      (staging) => {
        const settings = { columns, isSplit: split !== undefined, shardBytes, files: files !== undefined, stateFolder }
        if (split === undefined && format.writeLines !== undefined) return format.writeLines(lines, staging)
        if (split === undefined && format.writeColumns !== undefined) return format.writeColumns(columnPages, staging, settings)
        return format.write(pages, staging, settings)
      },
      (leftOut, files): Manifest => ({
        type: "mediaspool-export",
        version: 1,
        format: as,
        query,
        counts: { ...counts, leftOut, splits: Object.fromEntries(parts) },
        content: content.digest("hex"),
        ...made,
        files
      })
    )
  })
