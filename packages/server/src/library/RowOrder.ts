import { Column, type Statement } from "@mediaspool/core"
import { type Query, Search } from "@mediaspool/plugins"
import { Effect } from "effect"
import type { Sort } from "../api/LibraryApi.js"
import { type Away, type Refused, refused } from "../api/Problem.js"
import * as Kept from "./Kept.js"
import { Site } from "../Site.js"
import { LibraryConnection } from "./LibraryConnection.js"
import * as SavedQueries from "./SavedQueries.js"

/** The orders of the list, in the words of the query language. */
const orders: Readonly<Record<Sort, Query.Sort | undefined>> = {
  best: undefined,
  newest: { by: "added", descending: true },
  name: { by: "name", descending: false },
  longest: { by: "duration", descending: true },
  shortest: { by: "duration", descending: false },
  largest: { by: "size", descending: true }
}

/** What was typed, as statements; nothing typed is the whole library. An order that the query itself names goes first. */
export const select = (typed: string, sort: Sort): Effect.Effect<Search.Selection, Away | Refused, LibraryConnection | Site> =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    // The config is read only for a query that may name one.
    const saved = typed.includes("saved:") ? yield* SavedQueries.now : {}
    return yield* library.use(
      Search.select(typed, orders[sort], { saved }).pipe(
        Effect.catchTags({
          LibraryError: (error) => Effect.die(error),
          SearchError: (error) => Effect.fail(refused("QueryRefused", error.message))
        })
      )
    )
  })

/** Rows that are read straight from their order; what lies further down is found in a list of all numbers. */
const NEAR = 600
const EVERYTHING = 1e9

const orderings = Kept.make<Float64Array>(6)
const totals = Kept.make<number>(50)
const keyOf = ({ sql, values }: Statement): string => sql + JSON.stringify(values)

/** How many files fit. */
export const total = ({ count }: Search.Selection): Effect.Effect<number, Away, LibraryConnection> =>
  totals(keyOf(count), ({ query }) =>
    Effect.map(query.rows(count.sql, count.values), ([row]) => Column.number(row ?? {}, "total") ?? 0)
  )

/** All numbers in their order: a million of them are 8 MB, kept for a few views. */
const ordered = (selection: Search.Selection, total: number) => {
  const all = selection.page({ total, limit: EVERYTHING, offset: 0 })
  return orderings(keyOf(all), ({ query }) => query.ids(all.sql, all.values, "counting"))
}

/** The files from `offset` on. */
export const page = (
  selection: Search.Selection,
  total: number,
  offset: number,
  limit: number
): Effect.Effect<ReadonlyArray<number>, Away, LibraryConnection> =>
  Effect.gen(function* () {
    if (offset + limit > NEAR) return [...(yield* ordered(selection, total)).subarray(offset, offset + limit)]
    const { query } = yield* Effect.flatMap(LibraryConnection, (library) => library.opened)
    const { sql, values } = selection.page({ total, limit, offset })
    return [...(yield* query.ids(sql, values))]
  })

/** All of them, in no order. */
export const all = (selection: Search.Selection, total: number): Effect.Effect<ReadonlyArray<number>, Away, LibraryConnection> =>
  Effect.gen(function* () {
    const { query } = yield* Effect.flatMap(LibraryConnection, (library) => library.opened)
    const { sql, values } = selection.page({ total, limit: total, offset: 0 })
    return [...(yield* query.ids(sql, values))]
  })
