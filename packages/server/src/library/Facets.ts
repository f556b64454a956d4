import { Column, type Row } from "@mediaspool/core"
import { Array as Arr, Effect } from "effect"
import type { Facets } from "../api/LibraryApi.js"
import type { Away, Refused } from "../api/Problem.js"
import * as Kept from "./Kept.js"
import type { Site } from "../Site.js"
import type { LibraryConnection } from "./LibraryConnection.js"
import * as RowOrder from "./RowOrder.js"

/** Results up to this size are counted while one types; for larger ones the library's own counts are shown. */
const COUNTED = 5_000
const LABELS_SHOWN = 40

/** A value as the query language takes it. */
export const quoted = (value: string): string => (/^[\p{L}\p{N}_.-]+$/u.test(value) ? value : `"${value.replace(/"/g, "")}"`)

const lengths = [
  ["under 10 s", "duration:<10", "duration_seconds < 10"],
  ["10 s – 1 min", "duration:10..60", "duration_seconds >= 10 AND duration_seconds <= 60"],
  ["1 – 10 min", "duration:60..600", "duration_seconds > 60 AND duration_seconds <= 600"],
  ["over 10 min", "duration:>600", "duration_seconds > 600"]
] as const

/** Lengths and types; of some files, or of all. */
const SUMS = `SELECT sum(duration_seconds) AS seconds, ${lengths.map(([, , sql], i) => `sum(${sql}) AS length${i}`).join(", ")},
  sum(media_type GLOB 'audio/*') AS audio, sum(media_type GLOB 'video/*') AS video FROM media`
/** Kept by the library itself. */
const LABELS = "SELECT vocabulary, label, files FROM facet"
const LABELS_OF = `SELECT vocabulary, label, count(DISTINCT media_id) AS files FROM tag
WHERE media_id IN (SELECT value FROM json_each(?)) GROUP BY vocabulary, label`

type Counted = Pick<Facets, "groups" | "hours">

const facet = (vocabulary: string, row: Row) => {
  const label = Column.text(row, "label") ?? ""
  return { label, query: `${vocabulary}:${quoted(label)}`, count: Column.number(row, "files") ?? 0 }
}

const counted = (labels: ReadonlyArray<Row>, [sums = {}]: ReadonlyArray<Row>): Counted => {
  const of = (name: string) => Column.number(sums, name) ?? 0
  const groups = Object.entries(Arr.groupBy(labels, (row) => Column.text(row, "vocabulary") ?? "")).map(([name, rows]) => ({
    name,
    facets: rows
      .map((row) => facet(name, row))
      .sort((a, b) => b.count - a.count || a.label.localeCompare(b.label))
      .slice(0, LABELS_SHOWN)
  }))
  return {
    hours: of("seconds") / 3600,
    groups: [
      ...groups.sort((a, b) => a.name.localeCompare(b.name)),
      { name: "length", facets: lengths.map(([label, query], i) => ({ label, query, count: of(`length${i}`) })) },
      { name: "type", facets: ["audio", "video"].map((label) => ({ label, query: `type:${label}`, count: of(label) })) }
    ].map((group) => ({ ...group, facets: group.facets.filter(({ count }) => count > 0) }))
  }
}

const kept = Kept.make<Counted>(20)

/** The whole library's counts: made once, and kept while it doesn't change. */
export const library: Effect.Effect<Facets, Away, LibraryConnection> = Effect.map(
  kept("", ({ query }) => Effect.zipWith(query.rows(LABELS, [], "counting"), query.rows(SUMS, [], "counting"), counted)),
  (counted) => ({ of: "library", ...counted })
)

/** The counts for a query. */
export const of = (typed: string): Effect.Effect<Facets, Away | Refused, LibraryConnection | Site> =>
  Effect.gen(function* () {
    if (typed.trim() === "") return yield* library
    const selection = yield* RowOrder.select(typed, "newest")
    const files = yield* RowOrder.total(selection)
    if (files > COUNTED) return { ...(yield* library), hours: null }
    const ids = [JSON.stringify(yield* RowOrder.all(selection, files))]
    const found = yield* kept(`in ${ids.join("")}`, ({ query }) =>
      Effect.zipWith(query.rows(LABELS_OF, ids), query.rows(`${SUMS} WHERE id IN (SELECT value FROM json_each(?))`, ids), counted)
    )
    return { of: "result", ...found }
  })
