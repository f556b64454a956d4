import { Context, type Effect } from "effect"
import type { Row, Statement, Value } from "../stage/Library.js"
import type { StoreError } from "./StoreError.js"

/** What one statement of a transaction did. */
export interface Written {
  readonly changes: number
  /** Of a statement with RETURNING. */
  readonly rows: ReadonlyArray<Row>
}

/** A statement that is posted many times: its text crosses to the writer once. */
export interface Prepared {
  readonly number: number
  readonly parameters: number
}

/** What a post's commit came to. */
export type Settled = (failure: StoreError | undefined) => void

/**
 * The one SQLite file. One thread of its own writes, in groups: whoever posts while a commit is under way shares the next one.
 * Reads are on the caller's thread, read-only, and short.
 */
export interface Service {
  /** Absolute path of `spool.db`. */
  readonly file: string

  /**
   * Rows of a short read, on disk already: what was posted and not committed is not among them.
   * Synchronous, for hot paths; throws a StoreError where the file can't be read.
   */
  readonly rows: (sql: string, values: ReadonlyArray<Value>) => ReadonlyArray<Row>
  /** The first row of {@link rows}. */
  readonly row: (sql: string, values: ReadonlyArray<Value>) => Row | undefined

  /** Makes a statement ready to post. */
  readonly prepare: (sql: string) => Prepared
  /** Hands a row to the next group and goes on. Must be a statement that can only fail when the disk does. */
  readonly post: (statement: Prepared, ...values: ReadonlyArray<Value>) => void
  /** Calls back, on this thread, when everything posted so far is on disk or has failed. */
  readonly settled: (callback: Settled) => void
  /** Waits until everything posted so far is on disk. */
  readonly flush: Effect.Effect<void, StoreError>
  /** Waits while too many rows are under way; costs nothing otherwise. */
  readonly room: Effect.Effect<void>

  /** All statements or none, shared commit with others; returns when they are on disk. */
  readonly write: (statements: ReadonlyArray<Statement>) => Effect.Effect<ReadonlyArray<Written>, StoreError>
}

export class Database extends Context.Tag("@mediaspool/core/Database")<Database, Service>() {}
