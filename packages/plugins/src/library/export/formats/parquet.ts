import { Effect, Stream } from "effect"
import type { BasicType } from "hyparquet-writer"
import { notWritten } from "../ExportError.js"
import type { ExportFormat, FormatOptions, SplitRow } from "../ExportFormat.js"

/** Rows of a group: what is in memory at a time. */
const GROUP = 2_500

/** SQLite's whole numbers have 64 bits, and a plain JavaScript number above 32 bits is refused: they go as BigInt. */
const types = { TEXT: "STRING", INTEGER: "INT64", REAL: "DOUBLE" } as const

/**
 * Columns of JSON. SQLite wrote their texts, and the writer would take values apart and write them again: it is given texts, which are
 * called JSON where the file is described.
 */
const LISTS = ["captions", "tags"] as const

const columnsOf = ({ columns, isSplit }: FormatOptions) => [
  ...columns.map(({ name, type }) => ({ name, type: types[type] satisfies BasicType, nullable: true })),
  ...LISTS.map((name) => ({ name, type: "STRING" as const, nullable: false })),
  ...(isSplit ? [{ name: "split", type: "STRING" as const, nullable: false }] : [])
]

const valueOf = (value: unknown, type: BasicType): unknown => {
  if (value === null || value === undefined) return undefined
  return type === "INT64" && typeof value === "number" ? BigInt(value) : value
}

const cellOf = ({ captionsJson, media, split, tagsJson }: SplitRow, name: string): unknown => {
  switch (name) {
    case "captions":
      return captionsJson
    case "tags":
      return tagsJson
    case "split":
      return split
    default:
      return media[name]
  }
}

export const parquet: ExportFormat = {
  kind: "file",
  summary: "Apache Parquet with named types; captions and tags as JSON",
  form: "columns",
  write: (pages, staging, options) =>
    Effect.gen(function* () {
      const { ByteWriter, ParquetWriter, schemaFromColumnData } = yield* Effect.promise(() => import("hyparquet-writer"))
      const file = yield* staging.file("")
      const columns = columnsOf(options)
      const writer = new ByteWriter()
      const flush = Effect.suspend(() => {
        const bytes = new Uint8Array(writer.buffer.slice(0, writer.index))
        writer.index = 0
        return file.write(bytes)
      })
      const schema = schemaFromColumnData({ columnData: columns.map((column) => ({ ...column, data: [] })) })
      const parquet = new ParquetWriter({
        writer,
        schema,
        createdBy: "Mediaspool"
      })
      const dataOf = (rows: ReadonlyArray<SplitRow>) =>
        columns.map((column) => ({ ...column, data: rows.map((row) => valueOf(cellOf(row, column.name), column.type)) }))
      let waiting: ReadonlyArray<SplitRow> = []
      const put = (rows: ReadonlyArray<SplitRow>) =>
        rows.length === 0
          ? Effect.void
          : Effect.zipRight(
              Effect.tryPromise({
                try: async () => parquet.write({ columnData: dataOf(rows), rowGroupSize: GROUP }),
                catch: notWritten
              }),
              flush
            )
      yield* Stream.runForEach(pages, (rows) =>
        Effect.suspend(() => {
          waiting = [...waiting, ...rows]
          if (waiting.length < GROUP) return Effect.void
          const group = waiting.slice(0, GROUP)
          waiting = waiting.slice(GROUP)
          return put(group)
        })
      )
      yield* put(waiting)
      for (const element of schema) if (LISTS.some((name) => name === element.name)) element.converted_type = "JSON"
      yield* Effect.try({ try: () => parquet.finish(), catch: notWritten })
      yield* flush
      yield* Effect.flatMap(file.end, staging.add)
      return 0
    })
}
