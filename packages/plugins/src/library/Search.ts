import { Column, Library, type LibraryError, PlanNames, type Row, SearchText, type Statement, type Value } from "@mediaspool/core"
import { Effect } from "effect"
import { complete, type Found, type Hit, type Phrases } from "./Found.js"
import * as Query from "./Query.js"
import * as QueryField from "./QueryField.js"
import * as QuerySql from "./QuerySql.js"
import type { Part, Universe } from "./SqlPart.js"
import type { SearchError } from "./SearchError.js"
import { clause, counting, page, RANKED, sourceOf } from "./SearchSql.js"

export { type Found, type FoundTag, type Hit, type Phrases, type Segment, snippet } from "./Found.js"
export { RANKED, WEIGHTS } from "./SearchSql.js"

/** The answer to a query. */
export interface Result {
  /** How many fit, shown or not. */
  readonly total: number
  /** How many of them were ranked, the latest, where there are too many to rank them all. */
  readonly ranked: number | undefined
  /** Where nothing fits: labels that nothing has, and what was probably meant. */
  readonly hints: ReadonlyArray<string>
  readonly found: ReadonlyArray<Found>
}

/** A label, and how many files have it. */
export interface Facet {
  readonly vocabulary: string
  readonly label: string
  readonly files: number
}

const facetOf = (row: Row): Facet => ({
  vocabulary: Column.text(row, "vocabulary") ?? "",
  label: Column.text(row, "label") ?? "",
  files: Column.number(row, "files") ?? 0
})

/** Which part of the answer is given. */
export interface Options extends Omit<Query.Context, "vocabularies" | "all"> {
  /** Default 20. */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

const read = (sql: string, values: ReadonlyArray<Value>) => Effect.flatMap(Library, (library) => library.read({ sql, values }))

/** All labels of the library with the number of files that have them, by vocabulary and label. */
export const facets: Effect.Effect<ReadonlyArray<Facet>, LibraryError, Library> = Effect.map(
  read("SELECT vocabulary, label, files FROM facet ORDER BY vocabulary, files DESC, label", []),
  (rows) => rows.map(facetOf)
)

const count = (conditions: QuerySql.Conditions) =>
  Effect.gen(function* () {
    const { sql, values } = counting(conditions)
    const [row] = yield* read(sql, values)
    return Column.number(row ?? {}, "total") ?? 0
  })

/** Labels that were asked for and that no file has, with the one that was probably meant. */
const labelHints = (conditions: ReadonlyArray<Query.Condition>, known: QuerySql.Options["labels"]): ReadonlyArray<string> =>
  conditions.flatMap((condition) => {
    if (condition._tag !== "Label" || condition.prefix) return []
    const labels = known.filter(([vocabulary]) => condition.vocabularies.includes(vocabulary)).map(([, label]) => label)
    if (QuerySql.labelsOf(condition, known).labels.length > 0) return []
    const meant = QueryField.nearest(SearchText.term(condition.value), labels)
    return meant === undefined ? [] : [`No file has the label '${condition.value}'. Did you mean '${meant}'?`]
  })

const NODE_FIELDS = ["stage", "has", "missing"]

/** Names of nodes and stages that a query asks for, where the field has no word of its own for them. A kind begins with a capital. */
const namesOf = (terms: ReadonlyArray<Query.Term>, vocabularies: ReadonlyArray<string>): ReadonlyArray<string> => {
  const own = new Set(QueryField.fields.flatMap(({ name, values = [] }) => (NODE_FIELDS.includes(name) ? values : [])))
  return terms.flatMap(({ condition }) =>
    condition._tag !== "Value" ||
    condition.prefix ||
    !NODE_FIELDS.includes(condition.field) ||
    /^[A-Z]/.test(condition.value) ||
    own.has(condition.value.toLowerCase()) ||
    vocabularies.some((vocabulary) => QueryField.isNamed(vocabulary, condition.value.toLowerCase()))
      ? []
      : [condition.value.toLowerCase()]
  )
}

/** Those that no plan has that ever ran here. */
const nodeHints = (asked: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>, LibraryError, Library> => {
  if (asked.length === 0) return Effect.succeed([])
  return Effect.map(read(PlanNames.STAGES, []), (rows) => {
    const known = rows.map((row) => Column.text(row, "name") ?? "")
    return asked.flatMap((name) => {
      if (known.includes(name) || known.length === 0) return []
      const meant = QueryField.nearest(name, known)
      const there = meant === undefined ? `There are ${known.join(", ")}.` : `Did you mean '${meant}'?`
      return [`No pipeline has a node or stage '${name}'. ${there}`]
    })
  })
}

const vocabulariesOf = (known: QuerySql.Options["labels"]) => [...new Set(known.map(([vocabulary]) => vocabulary))]

const hintsOf = ({ groups }: Query.Query, known: QuerySql.Options["labels"]) => {
  const terms = groups.flat()
  const labels = labelHints(
    terms.map(({ condition }) => condition),
    known
  )
  return Effect.map(nodeHints(namesOf(terms, vocabulariesOf(known))), (nodes) => [...labels, ...nodes])
}

/** A condition that everything fits when nothing has that name. */
const isLack = ({ condition, excluded }: Query.Term): boolean =>
  condition._tag === "Value" && (condition.field === "missing") !== excluded

const lacksOf = ({ groups }: Query.Query, known: QuerySql.Options["labels"]) =>
  nodeHints(namesOf(groups.flat().filter(isLack), vocabulariesOf(known)))

/** What a query stands for in this library. */
export const parse = (
  typed: string,
  context: Omit<Query.Context, "vocabularies"> = {}
): Effect.Effect<
  { readonly query: Query.Query; readonly labels: QuerySql.Options["labels"] },
  LibraryError | SearchError,
  Library
> =>
  Effect.gen(function* () {
    const labels = (yield* facets).map(({ label, vocabulary }) => [vocabulary, label] as const)
    const vocabularies = [...new Set(labels.map(([vocabulary]) => vocabulary))]
    return { query: yield* Query.parse(typed, { ...context, vocabularies }), labels }
  })

/** For a query that nothing fits: labels, nodes and stages that nothing has, and what was probably meant. */
export const hints = (
  typed: string,
  context: Omit<Query.Context, "vocabularies"> = {}
): Effect.Effect<ReadonlyArray<string>, LibraryError | SearchError, Library> =>
  Effect.flatMap(parse(typed, { all: true, ...context }), ({ labels, query }) => hintsOf(query, labels))

/** For a query that something fits: nodes and stages that every file lacks because there are none of that name. */
export const lacks = (
  typed: string,
  context: Omit<Query.Context, "vocabularies"> = {}
): Effect.Effect<ReadonlyArray<string>, LibraryError | SearchError, Library> =>
  Effect.flatMap(parse(typed, { all: true, ...context }), ({ labels, query }) => lacksOf(query, labels))

/** A query as SQL over `media`, or over `item LEFT JOIN media`, for whoever reads the tables in another way. */
export const statement = (
  typed: string,
  universe: Universe,
  context: Omit<Query.Context, "vocabularies"> = {}
): Effect.Effect<{ readonly where: Part; readonly order: string | undefined }, LibraryError | SearchError, Library> =>
  Effect.map(parse(typed, { all: true, ...context }), ({ labels, query: { groups, sort } }) => ({
    where: QuerySql.where(groups, { universe, labels }),
    order: sort === undefined || sort.by === "relevance" ? undefined : QuerySql.order(sort)
  }))

/** A query as statements, for whoever reads in pages of their own. */
export interface Selection {
  /** Gives `total`. */
  readonly count: Statement
  /** Gives `id` and `score` of the files from `offset` on, in their order; `total` decides how they are found. */
  readonly page: (options: { readonly total: number; readonly limit: number; readonly offset: number }) => Statement
  /** The words that should be there, for {@link snippet}. */
  readonly phrases: Phrases
}

/**
 * What was typed, as statements; nothing typed is the whole library.
 *
 * @param sort holds where the query itself names no order
 */
export const select = (
  typed: string,
  sort?: Query.Sort,
  context: Omit<Query.Context, "vocabularies"> = {}
): Effect.Effect<Selection, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    const { labels, query } = yield* parse(typed, { all: true, ...context })
    const conditions = QuerySql.split(query.groups, { universe: "media", labels })
    const ordered = { sort: query.sort ?? sort }
    return {
      count: counting(conditions),
      page: ({ limit, offset, total }) => page(ordered, conditions, total, limit, offset),
      phrases: Query.phrases(query)
    }
  })

/** How many of the files that fit have each label. The whole library's are kept, and not counted. */
export const facetsOf = (
  typed: string,
  context: Omit<Query.Context, "vocabularies"> = {}
): Effect.Effect<ReadonlyArray<Facet>, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    const { labels, query } = yield* parse(typed, { all: true, ...context })
    if (query.groups.length === 0) return yield* facets
    const { from, id, values, where } = sourceOf(QuerySql.split(query.groups, { universe: "media", labels }), false)
    const rows = yield* read(
      `SELECT vocabulary, label, count(DISTINCT media_id) AS files FROM tag
       WHERE media_id IN (SELECT ${id} FROM ${from} ${clause(where)})
       GROUP BY vocabulary, label ORDER BY vocabulary, files DESC, label`,
      values
    )
    return rows.map(facetOf)
  })

/** Files that were found in another way, as a search for `typed` shows them. */
export const present = (
  hits: ReadonlyArray<Hit>,
  typed: string,
  context: Omit<Query.Context, "vocabularies"> = {}
): Effect.Effect<ReadonlyArray<Found>, LibraryError | SearchError, Library> =>
  Effect.flatMap(parse(typed, { ...context, all: true }), ({ query }) => complete(hits, query))

/**
 * Finds files by what their captions, tags, names and measurements say; see {@link Query.parse} for what may be typed.
 *
 * @example Search.search('"heavy rain" emotion:calm duration:>60', { limit: 5 })
 */
export const search = (typed: string, options: Options = {}): Effect.Effect<Result, LibraryError | SearchError, Library> =>
  Effect.gen(function* () {
    const { limit = 20, offset = 0 } = options
    const { labels, query } = yield* parse(typed, options)
    const conditions = QuerySql.split(query.groups, { universe: "media", labels })
    const total = yield* count(conditions)
    const { sql, values } = page(query, conditions, total, limit, offset)
    const hits = (total === 0 ? [] : yield* read(sql, values)).map((row) => ({
      mediaId: Column.number(row, "id") ?? 0,
      score: Math.round((Column.number(row, "score") ?? 0) * 1000) / 1000
    }))
    const found = yield* complete(hits, query)
    const isRanked = conditions.match !== undefined && (query.sort === undefined || query.sort.by === "relevance")
    return {
      total,
      ranked: isRanked && total > RANKED ? RANKED : undefined,
      hints: yield* total === 0 ? hintsOf(query, labels) : lacksOf(query, labels),
      found
    }
  })
