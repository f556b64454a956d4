import type { Statement, Value } from "@mediaspool/core"
import type { Range } from "./Range.js"

/**
 * What a query is asked of.
 * - `media`: contents that the library has; the statement reads `media`.
 * - `item`: files, also those that failed before they came into the library; it reads `item LEFT JOIN media USING (content_hash)`.
 */
export type Universe = "media" | "item"

/** A part of a WHERE clause. */
export interface Part extends Statement {
  /** Where the condition is `media.id IN (…)` and nothing else: the statement that gives the ids. */
  readonly ids?: string
}

/** SQL with its values, in order. */
export const part = (sql: string, ...values: ReadonlyArray<Value>): Part => ({ sql, values })

/** Contents whose ids the statement gives. */
export const among = (ids: string, ...values: ReadonlyArray<Value>): Part => ({ sql: `media.id IN (${ids})`, values, ids })

/** All of them, or one of them; of none that is true, or false. */
export const joined = (parts: ReadonlyArray<Part>, by: "AND" | "OR"): Part =>
  parts.length === 1 && parts[0] !== undefined
    ? parts[0]
    : parts.length === 0
      ? part(by === "AND" ? "1" : "0")
      : { sql: parts.map(({ sql }) => `(${sql})`).join(` ${by} `), values: parts.flatMap(({ values }) => values) }

/** `%` and `_` in what was typed are themselves. */
export const like = (text: string): string => text.replace(/[\\%_]/g, "\\$&")

/** Contents of which a file that is there fits. */
export const ofItems = (universe: Universe, condition: Part): Part =>
  universe === "item"
    ? condition
    : part(
        `media.content_hash IN (SELECT item.content_hash FROM item WHERE item.gone_at = 0 AND ${condition.sql})`,
        ...condition.values
      )

/** An expression within a range, its bounds included. */
export const between = (expression: string, { least, most }: Range, as: (bound: number) => Value = (bound) => bound): Part =>
  joined(
    [
      ...(least === -Infinity ? [] : [part(`${expression} >= ?`, as(least))]),
      ...(most === Infinity ? [] : [part(`${expression} <= ?`, as(most))])
    ],
    "AND"
  )

/** What doesn't hold, or isn't known. */
export const not = ({ sql, values }: Part): Part => part(`NOT coalesce((${sql}), 0)`, ...values)
