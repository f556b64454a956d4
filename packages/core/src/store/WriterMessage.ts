import type { Row, Value } from "../stage/Library.js"
import type { SqliteFault } from "./Connection.js"

/** What one statement of a transaction did. */
export interface Written {
  readonly changes: number
  /** Of a statement with RETURNING. */
  readonly rows: ReadonlyArray<Row>
}

/** A statement by its number: its text crosses to the writer once. */
export type Prepared = number

/**
 * Flat, because a message of a thousand small objects costs three times as much as one long array. Again and again: a statement's
 * number, how many values, the values. A transaction that must be all or nothing stands between `BEGIN, ticket` and `END`.
 */
export type Rows = Array<Value>
export const BEGIN = -1
export const END = -2

/** To the writer: one group, which it commits as one transaction. */
export interface Group {
  readonly sequence: number
  /** Statements that the rows use for the first time. */
  readonly statements: ReadonlyArray<{ readonly number: number; readonly sql: string }>
  readonly rows: Rows
}

export interface Answer {
  readonly ticket: number
  readonly outcome: ReadonlyArray<Written> | SqliteFault
}

/** From the writer: the group is on disk, or none of it is. */
export interface Acknowledgement {
  readonly sequence: number
  readonly fault: SqliteFault | undefined
  readonly answers: ReadonlyArray<Answer>
}

/** From the writer: it can't write yet. */
export interface Waiting {
  /** Who keeps it from it, for people. */
  readonly waitsFor: string
}

export interface WriterData {
  readonly file: string
  /** Bytes kept aside, freed when the disk is full. */
  readonly reserve: string
  /** {@link CrashPoint}'s. */
  readonly counter: Int32Array<SharedArrayBuffer>
}
