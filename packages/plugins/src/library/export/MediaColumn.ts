import { Library, type LibraryError } from "@mediaspool/core"
import { Effect } from "effect"

/** A column of the `media` table. */
export interface MediaColumn {
  readonly name: string
  readonly type: "TEXT" | "INTEGER" | "REAL"
  /** Whether every row has a value in it. */
  readonly isRequired: boolean
}

const typeOf = (type: unknown): MediaColumn["type"] => (type === "INTEGER" ? "INTEGER" : type === "REAL" ? "REAL" : "TEXT")

/** The columns of the `media` table, in its order. */
export const all: Effect.Effect<ReadonlyArray<MediaColumn>, LibraryError, Library> = Effect.flatMap(Library, (library) =>
  Effect.map(
    library.read({ sql: `SELECT name, type, "notnull" OR pk AS required FROM pragma_table_info('media')`, values: [] }),
    (rows) => rows.map(({ name, required, type }) => ({ name: String(name), type: typeOf(type), isRequired: required === 1 }))
  )
)

/** Names and values of columns, as `json_object` takes them. */
export const objectOf = (columns: ReadonlyArray<MediaColumn>): string =>
  columns.map(({ name }) => `'${name}', media.${name}`).join(", ")
