import { Chunk, Effect, Stream } from "effect"
import type { BasicType } from "hyparquet-writer"
import { notWritten } from "../ExportError.js"
import type { ExportFormat, FormatOptions, SplitRow } from "../ExportFormat.js"
import { parse } from "../ExportRow.js"

/** Rows of a group: what is in memory at a time. */
const GROUP = 10_000

/** SQLite's whole numbers have 64 bits, and a plain JavaScript number above 32 bits is refused: they go as BigInt. */
const types = { TEXT: "STRING", INTEGER: "INT64", REAL: "DOUBLE" } as const

const columnsOf = ({ columns, isSplit }: FormatOptions) => [
  ...columns.map(({ name, type }) => ({ name, type: types[type] satisfies BasicType, nullable: true })),
  { name: "captions", type: "JSON" as const, nullable: false },
  { name: "tags", type: "JSON" as const, nullable: false },
  ...(isSplit ? [{ name: "split", type: "STRING" as const, nullable: false }] : [])
]

const valueOf = (value: unknown, type: BasicType): unknown => {
  if (value === null || value === undefined) return undefined
  return type === "INT64" && typeof value === "number" ? BigInt(value) : value
}

export const parquet: ExportFormat = {
  kind: "file",
  summary: "Apache Parquet with named types; captions and tags as JSON",
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
      const parquet = new ParquetWriter({
        writer,
        schema: schemaFromColumnData({ columnData: columns.map((column) => ({ ...column, data: [] })) }),
        createdBy: "Mediaspool"
      })
      const dataOf = (rows: ReadonlyArray<SplitRow>) => {
        const media = rows.map((row) => ({ ...parse(row), split: row.split }))
        return columns.map((column) => ({
          ...column,
          data: media.map((each: { readonly [name: string]: unknown }) => valueOf(each[column.name], column.type))
        }))
      }
      yield* pages.pipe(
        Stream.flattenIterables,
        Stream.grouped(GROUP),
        Stream.runForEach((rows) =>
          Effect.tryPromise({
            try: async () => parquet.write({ columnData: dataOf(Chunk.toReadonlyArray(rows)), rowGroupSize: GROUP }),
            catch: notWritten
          }).pipe(Effect.zipRight(flush))
        )
      )
      yield* Effect.try({ try: () => parquet.finish(), catch: notWritten })
      yield* flush
      yield* Effect.flatMap(file.end, staging.add)
      return 0
    })
}
