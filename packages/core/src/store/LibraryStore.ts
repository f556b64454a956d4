import { Effect, Layer } from "effect"
import { Library, LibraryError, type Row, type Statement } from "../stage/Library.js"
import * as Sql from "../stage/Sql.js"
import * as CoreSchema from "./CoreSchema.js"
import { Database } from "./Database.js"
import type { StoreError } from "./StoreError.js"
import * as WrittenTables from "./WrittenTables.js"

/** A sink's own fault is a failure of the library. What is wrong with the disk is nobody's fault: a defect that says how it is met. */
const failed = <A>(work: Effect.Effect<A, StoreError>): Effect.Effect<A, LibraryError> =>
  Effect.catchAll(work, (error) =>
    error.code === "StatementRefused"
      ? Effect.fail(new LibraryError({ code: "LibraryNotWritten", detail: error.detail }))
      : Effect.die(error)
  )

const refused = (detail: string) => new LibraryError({ code: "StatementNotAllowed", detail })

const WRITES = ["INSERT", "REPLACE", "UPDATE", "DELETE", "WITH"]
const READS = ["SELECT", "VALUES", "WITH"]

/** Texts of reads that are remembered. */
const REMEMBERED = 256

const only = (sql: string, verbs: ReadonlyArray<string>): Effect.Effect<void, LibraryError> => {
  const statements = Sql.statements(sql)
  const verb = statements[0]?.verb ?? ""
  if (statements.length !== 1) return refused(`one statement was expected, not ${statements.length}: ${sql.slice(0, 80)}`)
  return verbs.includes(verb) ? Effect.void : refused(`${verb} is not one of ${verbs.join(", ")}`)
}

/**
 * Whether a query goes on from its own rows and may never end: it would hold the writer, and everybody's writes, or this thread for
 * good. SQLite counts a LIMIT there that stands in the query itself; one around it comes too late for what is counted or sorted.
 */
const endless = ({ sql, values }: Statement, read: (statement: Statement) => ReadonlyArray<Row>): boolean =>
  /\bwith\b/i.test(sql) &&
  Sql.innerLimits(sql) <
    read({ sql: `EXPLAIN QUERY PLAN ${sql}`, values }).filter(({ detail }) => detail === "RECURSIVE STEP").length

/** Deleting an item's state is how a sink has a file looked at again: the one thing of core's that is its to change. */
const reopens = ({ sql }: Statement, table: string): boolean =>
  table === "item_state" && Sql.statements(sql)[0]?.verb === "DELETE"

/** The library's tables, in the same file as core's. */
export const layer: Layer.Layer<Library, never, Database> = Layer.effect(
  Library,
  Effect.map(Database, (database) => {
    /** Texts of statements that may be written, and of those that read: each is looked at once. */
    const allowed = new Set<string>()
    const reading = new Set<string>()
    const rows = ({ sql, values }: Statement) => database.rows(sql, values)

    const mustEnd = (statement: Statement): Effect.Effect<void, LibraryError> =>
      Effect.flatMap(failed(database.reading(() => endless(statement, rows))), (isEndless) =>
        isEndless ? refused("a recursive query needs a LIMIT within it: it may never end") : Effect.void
      )
    const allow = (statement: Statement): Effect.Effect<void, LibraryError> =>
      allowed.has(statement.sql)
        ? Effect.void
        : Effect.gen(function* () {
            yield* only(statement.sql, WRITES)
            const tables = yield* failed(database.reading(() => WrittenTables.of(statement, rows)))
            const core = tables.find((table) => CoreSchema.owns(table) && !reopens(statement, table))
            if (core !== undefined) return yield* refused(`the table ${core} is core's`)
            yield* mustEnd(statement)
            allowed.add(statement.sql)
          })
    const allowRead = (statement: Statement): Effect.Effect<void, LibraryError> =>
      reading.has(statement.sql)
        ? Effect.void
        : Effect.gen(function* () {
            yield* only(statement.sql, READS)
            yield* mustEnd(statement)
            // What has its values in its text is another each time.
            if (reading.size >= REMEMBERED) reading.clear()
            reading.add(statement.sql)
          })
    return {
      write: (statements) =>
        Effect.zipRight(
          statements.every(({ sql }) => allowed.has(sql)) ? Effect.void : Effect.forEach(statements, allow, { discard: true }),
          failed(Effect.asVoid(database.write(statements)))
        ),
      read: (statement) => Effect.zipRight(allowRead(statement), failed(database.reading(() => rows(statement))))
    }
  })
)
