import { QueryField } from "@mediaspool/plugins"
import { Column, type Row } from "@mediaspool/core"
import { Effect, Option } from "effect"
import type { Suggestion } from "../api/LibraryApi.js"
import type { Away } from "../api/Problem.js"
import { Site } from "../Site.js"
import * as Facets from "./Facets.js"
import * as Kept from "./Kept.js"
import type { LibraryConnection } from "./LibraryConnection.js"
import * as SavedQueries from "./SavedQueries.js"

const SHOWN = 12

const starts = (text: string, typed: string): boolean => text.toLowerCase().startsWith(typed.toLowerCase())

/** Values that the library has for fields which are no vocabularies, most frequent first: made once, and kept. */
const VALUES: Readonly<Record<string, string>> = {
  model: "SELECT model AS label, count(*) AS n FROM caption WHERE model <> '' GROUP BY model ORDER BY n DESC LIMIT 40",
  language:
    "SELECT language AS label, count(*) AS n FROM caption WHERE language IS NOT NULL GROUP BY language ORDER BY n DESC LIMIT 40",
  failed: "SELECT code AS label, count(DISTINCT item) AS n FROM failure GROUP BY code ORDER BY n DESC LIMIT 40"
}
const kept = Kept.make<ReadonlyArray<Row>>(Object.keys(VALUES).length)

/** What may stand behind a field's colon, besides labels of vocabularies. */
const valuesOf = (
  field: string,
  vocabularies: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<{ readonly value: string; readonly count: number | null }>, Away, LibraryConnection | Site> =>
  Effect.gen(function* () {
    const known = QueryField.fields.find(({ name }) => name === field)
    const plain = (values: ReadonlyArray<string>) => values.map((value) => ({ value, count: null }))
    const sql = VALUES[field]
    if (sql !== undefined) {
      const rows = yield* kept(field, ({ query }) => query.rows(sql, [], "counting"))
      return rows.map((row) => ({ value: Column.text(row, "label") ?? "", count: Column.number(row, "n") ?? null }))
    }
    if (field === "saved") return plain(Object.keys(yield* SavedQueries.now))
    if (field === "pipeline" || field === "stage") {
      const project = yield* Effect.option(Effect.flatMap(Site, (site) => site.project))
      const pipelines = Option.match(project, { onNone: () => [], onSome: ({ pipelines }) => [...pipelines] })
      return plain(
        field === "pipeline"
          ? pipelines.map(([name]) => name)
          : [...new Set(pipelines.flatMap(([, { plan }]) => plan.nodes.map(({ name }) => name)))]
      )
    }
    if (field === "has" || field === "missing") return plain([...(known?.values ?? []), ...vocabularies])
    if (field === "sort") return plain((known?.values ?? []).flatMap((value) => [value, `-${value}`]))
    return plain(known?.values ?? [])
  })

/** How a word of a query may go on: names of fields first, after a colon the values that the library has, most frequent first. */
export const of = (word: string): Effect.Effect<ReadonlyArray<typeof Suggestion.Type>, Away, LibraryConnection | Site> =>
  Effect.gen(function* () {
    const isExcluded = word.startsWith("-")
    const typed = isExcluded ? word.slice(1) : word
    const before = isExcluded ? "-" : ""
    const { groups } = yield* Facets.library
    const vocabularies = groups.map(({ name }) => name).filter((name) => name !== "length" && name !== "type")
    const facets = groups.flatMap(({ facets, name }) => facets.map((facet) => ({ ...facet, name })))
    const [field, ...rest] = typed.split(":")
    if (rest.length > 0) {
      const value = rest.join(":").replace(/^"/, "")
      const values = yield* valuesOf(field ?? "", vocabularies)
      const choices = values
        .filter((choice) => starts(choice.value, value))
        .map(({ count, value }) => ({ insert: `${before}${field}:${Facets.quoted(value)}`, label: value, count }))
      const labels = facets
        .filter(({ label, name, query }) => (name === field || query.startsWith(`${field}:`)) && starts(label, value))
        .map(({ count, label, query }) => ({ insert: before + query, label, count }))
      const found = [...choices, ...labels]
      // Of numbers and days: how one is written.
      const example = QueryField.fields.find(
        ({ kind, name }) => name === field && (kind === "number" || kind === "date")
      )?.example
      return found.length === 0 && value === "" && example !== undefined
        ? [{ insert: before + example, label: example, count: null }]
        : found.slice(0, SHOWN)
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
