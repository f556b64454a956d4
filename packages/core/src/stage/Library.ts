import { Context, type Effect } from "effect"
import * as Failure from "./Failure.js"

/** What a write to the library may fail with. */
export class LibraryError extends Failure.Class<LibraryError>()("LibraryError", {
  StatementNotAllowed: {
    retry: "never",
    help: "Tell the plugin's author: a sink changes rows of its own tables, one statement at a time; tables are made by migrations."
  },
  LibraryNotWritten: { retry: "now", help: "Run `spool doctor`: it checks the state folder, its disk and the database." }
}) {}

/** What SQLite binds. */
export type Value = string | number | bigint | null | Uint8Array

/** One statement of SQL, its placeholders bound in their order. */
export interface Statement {
  readonly sql: string
  readonly values: ReadonlyArray<Value>
}

/** What a read gives for each row: its values by column. */
export type Row = Readonly<Record<string, Value>>

/** The database that the user keeps, for sinks: its tables come from the plugins' migrations. */
export interface Service {
  /**
   * All statements in one transaction, each one INSERT, REPLACE, UPDATE or DELETE on tables that migrations have made; returns
   * when they are on disk. Writes of several callers share a commit. Fails with `StatementNotAllowed` for anything else, and for core's
   * own tables.
   */
  readonly write: (statements: ReadonlyArray<Statement>) => Effect.Effect<void, LibraryError>
  /** A short read: one SELECT, VALUES, or WITH one of them. A recursive query has a LIMIT within it, here as in {@link write}. */
  readonly read: (statement: Statement) => Effect.Effect<ReadonlyArray<Row>, LibraryError>
}

/** The database of this process's state folder. */
export class Library extends Context.Tag("@mediaspool/core/Library")<Library, Service>() {}
