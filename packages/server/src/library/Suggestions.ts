import { QueryField } from "@mediaspool/plugins"
import { Effect } from "effect"
import type { Suggestion } from "../api/LibraryApi.js"
import type { Away } from "../api/Problem.js"
import * as Facets from "./Facets.js"
import type { LibraryConnection } from "./LibraryConnection.js"

const SHOWN = 12

const starts = (text: string, typed: string): boolean => text.toLowerCase().startsWith(typed.toLowerCase())

/** How a word of a query may go on: names of fields first, after a colon the labels that the library has, most frequent first. */
export const of = (word: string): Effect.Effect<ReadonlyArray<typeof Suggestion.Type>, Away, LibraryConnection> =>
  Effect.gen(function* () {
    const isExcluded = word.startsWith("-")
    const typed = isExcluded ? word.slice(1) : word
    const before = isExcluded ? "-" : ""
    const { groups } = yield* Facets.library
    const facets = groups.flatMap(({ facets, name }) => facets.map((facet) => ({ ...facet, name })))
    const [field, ...rest] = typed.split(":")
    if (rest.length > 0) {
      const value = rest.join(":").replace(/^"/, "")
      const known = QueryField.fields.find(({ name }) => name === field)?.values ?? []
      const choices = known
        .filter((choice) => starts(choice, value))
        .map((choice) => ({ insert: `${before}${field}:${choice}`, label: choice, count: null }))
      const labels = facets
        .filter(({ label, name, query }) => (name === field || query.startsWith(`${field}:`)) && starts(label, value))
        .map(({ count, label, query }) => ({ insert: before + query, label, count }))
      return [...choices, ...labels].slice(0, SHOWN)
    }
    if (typed === "") return []
    const fields = [...QueryField.fields.map(({ name }) => name), ...groups.map(({ name }) => name)].filter(
      (name, i, all) => all.indexOf(name) === i && name !== "length"
    )
    return [
      ...fields
        .filter((name) => starts(name, typed))
        .map((name) => ({ insert: `${before}${name}:`, label: `${name}:`, count: null })),
      ...facets
        .filter(({ label }) => starts(label, typed))
        .map(({ count, name, query }) => ({ insert: before + query, label: `${query} · ${name}`, count }))
    ].slice(0, SHOWN)
  })
