import { Effect, Stream } from "effect"
import type { BasicType } from "hyparquet-writer"
import type { ExportColumns, Values } from "../ExportColumns.js"
import { notWritten } from "../ExportError.js"
import type { ExportFormat, FormatOptions, SplitRow } from "../ExportFormat.js"
import type { Staging } from "../ExportTarget.js"

/** Rows of a group at most: what is in memory at a time. */
const GROUP = 2_500

/** SQLite's whole numbers have 64 bits, and a plain JavaScript number above 32 bits is refused: they go as BigInt. */
const types = { TEXT: "STRING", INTEGER: "INT64", REAL: "DOUBLE" } as const

/**
 * Columns of JSON. SQLite wrote their texts, and the writer would take values apart and write them again: it is given texts, which are
 * called JSON where the file is described.
 */
const LISTS = ["captions", "tags"] as const

/** Texts that are all different: neither a dictionary nor a range would help who reads them. */
const UNIQUE: ReadonlyArray<string> = ["content_hash", "path", ...LISTS]

/** Numbers that are nearly all different: a dictionary would be tried for each group, and given up. */
const DISTINCT: ReadonlyArray<string> = ["id", "size_bytes"]

interface Column {
  readonly name: string
  readonly type: BasicType
  readonly nullable: boolean
}

const columnsOf = ({ columns, isSplit }: FormatOptions): ReadonlyArray<Column> => [
  ...columns.map(({ isRequired, name, type }) => ({ name, type: types[type], nullable: !isRequired })),
  ...LISTS.map((name) => ({ name, type: "STRING" as const, nullable: false })),
  ...(isSplit ? [{ name: "split", type: "STRING" as const, nullable: false }] : [])
]

const physical = (values: Values, type: BasicType): Array<unknown> =>
  type === "INT64" ? values.map((value) => (typeof value === "number" ? BigInt(value) : value)) : [...values]

/** Gives values as the writer takes them: made once for a column that comes again as it was. */
const physicalColumns = () => {
  const made = new Map<string, { readonly values: Values; readonly data: Array<unknown> }>()
  return ({ name, type }: Column, values: Values): Array<unknown> => {
    const last = made.get(name)
    if (last?.values === values) return last.data
    const data = physical(values, type)
    made.set(name, { values, data })
    return data
  }
}

/** Of a row that came by itself. */
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

/** A page's values of a column. */
type Page = (column: Column) => Values

const write = <E, R>(pages: Stream.Stream<Page, E, R>, staging: Staging, options: FormatOptions) =>
  Effect.gen(function* () {
    const { ByteWriter, ParquetWriter, schemaFromColumnData } = yield* Effect.promise(() => import("hyparquet-writer"))
    const file = yield* staging.file("")
    const columns = columnsOf(options)
    const writer = new ByteWriter()
    const flush = Effect.suspend(() =>
      Effect.tap(file.write(writer.getBytes()), () => {
        writer.index = 0
      })
    )
    const schema = schemaFromColumnData({ columnData: columns.map((column) => ({ ...column, data: [] })) })
    const parquet = new ParquetWriter({ writer, schema, createdBy: "Mediaspool" })
    const physicalOf = physicalColumns()
    const dataOf = (valuesOf: Page) =>
      columns.map((column) => ({
        name: column.name,
        data: physicalOf(column, valuesOf(column)),
        ...(UNIQUE.includes(column.name) || DISTINCT.includes(column.name) ? { encoding: "PLAIN" as const } : {}),
        ...(UNIQUE.includes(column.name) ? { statistics: false } : {})
      }))
    yield* Stream.runForEach(pages, (page) =>
      Effect.zipRight(
        Effect.tryPromise({
          try: async () => parquet.write({ columnData: dataOf(page), rowGroupSize: GROUP }),
          catch: notWritten
        }),
        flush
      )
    )
    for (const element of schema) if (LISTS.some((name) => name === element.name)) element.converted_type = "JSON"
    yield* Effect.try({ try: () => parquet.finish(), catch: notWritten })
    yield* flush
    yield* Effect.flatMap(file.end, staging.add)
    return 0
  })

export const parquet: ExportFormat = {
  kind: "file",
  summary: "Apache Parquet with named types; captions and tags as JSON",
  form: "columns",
  writeColumns: (pages, staging, options) => {
    const pageOf =
      ({ values }: ExportColumns): Page =>
      ({ name }) =>
        values.get(name) ?? []
    return write(Stream.map(pages, pageOf), staging, options)
  },
  write: (pages, staging, options) => {
    const pageOf =
      (rows: Iterable<SplitRow>): Page =>
      ({ name }) =>
        Array.from(rows, (row) => cellOf(row, name))
    const groups = pages.pipe(
      Stream.mapConcat((rows) => rows),
      Stream.grouped(GROUP)
    )
    return write(Stream.map(groups, pageOf), staging, options)
  }
}
