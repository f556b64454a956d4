import { Library, type LibraryError, type Row, SearchText, type Statement, type Value } from "@mediaspool/core"
import { Array as Arr, Effect } from "effect"
import * as Column from "./Column.js"
import * as QuerySql from "./QuerySql.js"
import * as Query from "./Query.js"
import { nearest } from "./QueryField.js"
import type { SearchError } from "./SearchError.js"
import * as Snippet from "./Snippet.js"
import * as Tokenizer from "./Tokenizer.js"

/** Where in a file something was found. */
export interface Segment extends Snippet.Snippet {
  readonly pipeline: string
  readonly node: string
  readonly startSeconds: number
  readonly endSeconds: number
}

export interface FoundTag {
  readonly vocabulary: string
  readonly label: string
  readonly confidence: number | undefined
  readonly startSeconds: number | undefined
  readonly endSeconds: number | undefined
}

/** A file that fits. */
export interface Found {
  readonly mediaId: number
  /** Absolute; a RawPath. Of several files with this content the one that fits best. */
  readonly path: string
  /** The others. */
  readonly copies: ReadonlyArray<string>
  /** Whether the file is not there any more. */
  readonly missing: boolean
  readonly mediaType: string
  readonly durationSeconds: number | undefined
  readonly title: string | undefined
  /** The higher, the better it fits; 0 when nothing was asked for that could fit better or worse. */
  readonly score: number
  /** From the caption that says most of it; absent without a caption. */
  readonly snippet: Snippet.Snippet | undefined
  /** The windows in which something was found, in order. */
  readonly segments: ReadonlyArray<Segment>
  /** Its tags, each once, or once a window. */
  readonly tags: ReadonlyArray<FoundTag>
}

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

export interface Options extends Omit<Query.Context, "vocabularies" | "all"> {
  /** Default 20. */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** How much a word counts in name, title, caption, tag, other text, and in the parts of names, titles and the rest: bm25's weights. */
export const WEIGHTS = "4, 4, 1, 3, 1, 1.5, 1.5, 0.5"

/** Of a word that stands in more files than this, the latest so many are ranked. */
export const RANKED = 50_000

const read = (sql: string, values: ReadonlyArray<Value>) => Effect.flatMap(Library, (library) => library.read({ sql, values }))

/** All labels of the library with the number of files that have them, by vocabulary and label. */
export const facets: Effect.Effect<ReadonlyArray<Facet>, LibraryError, Library> = Effect.map(
  read("SELECT vocabulary, label, files FROM facet ORDER BY vocabulary, files DESC, label", []),
  (rows) => rows.map(facetOf)
)

/** Where the ids of what fits come from: a table or a list of ids, and conditions on it. */
interface Source {
  readonly from: string
  readonly id: string
  readonly where: ReadonlyArray<string>
  readonly values: ReadonlyArray<Value>
  /** Whether `media` is among the tables. */
  readonly media: boolean
}

/** @param media whether the caller needs columns of `media` */
const sourceOf = ({ ids, match, where }: QuerySql.Conditions, media: boolean): Source => {
  const needs = media || (where !== undefined && /\bmedia\.(?!id\b)/.test(where.sql))
  const lists = ids.map(({ sql }) => sql)
  const listed = ids.flatMap(({ values }) => values)
  const base =
    match !== undefined
      ? // The plus keeps SQLite from asking the index once for every id of the list.
        {
          from: "search",
          id: "search.rowid",
          where: ["search MATCH ?", ...lists.map((list) => `+search.rowid IN (${list})`)],
          values: [match, ...listed]
        }
      : lists.length > 0
        ? {
            // The union of a single list would have its ids more than once.
            from: `(SELECT media_id FROM (${lists.map((list) => `SELECT media_id FROM (${list})`).join(" INTERSECT ")}) GROUP BY media_id) AS hit`,
            id: "hit.media_id",
            where: [],
            values: listed
          }
        : { from: "media", id: "media.id", where: [], values: [] }
  const isMedia = base.from === "media"
  const rest = where === undefined ? [] : [needs || isMedia ? where.sql : where.sql.replaceAll("media.id", base.id)]
  return {
    from: needs && !isMedia ? `${base.from} JOIN media ON media.id = ${base.id}` : base.from,
    id: base.id,
    where: [...base.where, ...rest.map((sql) => `(${sql})`)],
    values: [...base.values, ...(where?.values ?? [])],
    media: needs || isMedia
  }
}

const clause = (conditions: ReadonlyArray<string>): string => (conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`)

const counting = (conditions: QuerySql.Conditions): Statement => {
  const { from, values, where } = sourceOf(conditions, false)
  return { sql: `SELECT count(*) AS total FROM ${from} ${clause(where)}`, values }
}

const count = (conditions: QuerySql.Conditions) =>
  Effect.gen(function* () {
    const { sql, values } = counting(conditions)
    const [row] = yield* read(sql, values)
    return Column.number(row ?? {}, "total") ?? 0
  })

/** Gives ids and scores of a page of what fits. */
const page = (
  query: Pick<Query.Query, "sort">,
  conditions: QuerySql.Conditions,
  total: number,
  limit: number,
  offset: number
): Statement => {
  const { sort } = query
  if (conditions.match !== undefined && (sort === undefined || sort.by === "relevance")) {
    const { from, id, values, where } = sourceOf(conditions, false)
    const hits = `SELECT ${id} AS id, bm25(search, ${WEIGHTS}) AS rank FROM ${from} ${clause(where)}`
    const ranked = total > RANKED ? `SELECT * FROM (${hits} ORDER BY search.rowid DESC LIMIT ${RANKED})` : hits
    return {
      sql: `SELECT id, -rank AS score FROM (${ranked}) ORDER BY rank ${sort?.descending === true ? "DESC" : ""}, id LIMIT ? OFFSET ?`,
      values: [...values, limit, offset]
    }
  }
  const order = QuerySql.order(sort ?? { by: "path", descending: false })
  const { from, id, values, where } = sourceOf(conditions, true)
  // Many fit: walking the paths in order meets the first of them soon. Few fit: they are sorted.
  const walks = conditions.ids.length > 0 && conditions.match === undefined && (sort === undefined || sort.by === "path")
  if (walks && total > WALK * (limit + offset)) {
    const lists = conditions.ids.map(({ sql }) => `+media.id IN (${sql})`)
    const rest = conditions.where === undefined ? [] : [`(${conditions.where.sql})`]
    return {
      sql: `SELECT media.id AS id, 0 AS score FROM media ${clause([...lists, ...rest])} ORDER BY ${order} LIMIT ? OFFSET ?`,
      values: [...conditions.ids.flatMap(({ values }) => values), ...(conditions.where?.values ?? []), limit, offset]
    }
  }
  return {
    sql: `SELECT ${id} AS id, 0 AS score FROM ${from} ${clause(where)} ORDER BY ${order} LIMIT ? OFFSET ?`,
    values: [...values, limit, offset]
  }
}

/** From so many times the page on, walking in order is quicker than sorting. */
const WALK = 50

const files = (ids: string) =>
  read(
    `SELECT id, content_hash, CAST(path AS BLOB) AS path, missing, media_type, duration_seconds, title FROM media
     WHERE id IN (SELECT value FROM json_each(?))`,
    [ids]
  )

/** Places of the files that are there, by content. */
const places = (ids: string) =>
  read(
    `SELECT content_hash, path FROM item WHERE gone_at = 0
     AND content_hash IN (SELECT content_hash FROM media WHERE id IN (SELECT value FROM json_each(?))) ORDER BY id`,
    [ids]
  )

const captions = (ids: string) =>
  read(
    `SELECT media_id, pipeline, node, text, start_seconds, end_seconds FROM caption
     WHERE media_id IN (SELECT value FROM json_each(?)) ORDER BY kind = 'CleanCaption' DESC, start_seconds IS NOT NULL, start_seconds, id`,
    [ids]
  )

const tags = (ids: string) =>
  read(
    `SELECT media_id, vocabulary, label, max(confidence) AS confidence, start_seconds, end_seconds FROM tag
     WHERE media_id IN (SELECT value FROM json_each(?))
     GROUP BY media_id, vocabulary, label, start_seconds, end_seconds ORDER BY vocabulary, start_seconds, min(id)`,
    [ids]
  )

const segments = (rows: ReadonlyArray<Row>, phrases: ReadonlyArray<Tokenizer.Phrase>): ReadonlyArray<Segment> =>
  rows.flatMap((row) => {
    const startSeconds = Column.number(row, "start_seconds")
    const text = Column.text(row, "text") ?? ""
    if (startSeconds === undefined || Snippet.marksOf(text, phrases).phrases === 0) return []
    return [
      {
        ...Snippet.cut(text, phrases),
        pipeline: Column.text(row, "pipeline") ?? "",
        node: Column.text(row, "node") ?? "",
        startSeconds,
        endSeconds: Column.number(row, "end_seconds") ?? startSeconds
      }
    ]
  })

/** The part around the words that were looked for, of the text with most of them; of equals the first. */
export const snippet = (texts: ReadonlyArray<string>, phrases: Phrases, length?: number): Snippet.Snippet | undefined => {
  const best = texts.reduce<{ text: string; phrases: number } | undefined>((best, text) => {
    const found = Snippet.marksOf(text, phrases).phrases
    return best === undefined || found > best.phrases ? { text, phrases: found } : best
  }, undefined)
  return best && Snippet.cut(best.text, phrases, length)
}

const tagOf = (row: Row): FoundTag => ({
  vocabulary: Column.text(row, "vocabulary") ?? "",
  label: Column.text(row, "label") ?? "",
  confidence: Column.number(row, "confidence"),
  startSeconds: Column.number(row, "start_seconds"),
  endSeconds: Column.number(row, "end_seconds")
})

/** How well a path fits the words and the paths of a query: of a content's copies the best is shown. */
const fitOf = (path: string, { phrases, paths }: Named): number => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  const tokens = [Tokenizer.tokens(name), Tokenizer.tokens(SearchText.parts(name))]
  const words = phrases.filter((phrase) => tokens.some((of) => Tokenizer.find(phrase, of).length > 0)).length
  return words + paths.filter((part) => SearchText.fold(path).includes(part)).length
}

interface Named {
  readonly phrases: ReadonlyArray<Tokenizer.Phrase>
  /** Folded. */
  readonly paths: ReadonlyArray<string>
}

const pathsOf = ({ groups }: Pick<Query.Query, "groups">): ReadonlyArray<string> =>
  groups
    .flat()
    .flatMap(({ condition, excluded }) =>
      excluded
        ? []
        : condition._tag === "Value" && condition.field === "path"
          ? [SearchText.fold(condition.value)]
          : condition._tag === "Saved"
            ? pathsOf(condition)
            : []
    )

/** Labels that were asked for and that no file has, with the one that was probably meant. */
const hintsOf = (query: Query.Query, known: QuerySql.Options["labels"]): ReadonlyArray<string> =>
  query.groups.flat().flatMap(({ condition }) => {
    if (condition._tag !== "Label" || condition.prefix) return []
    const labels = known.filter(([vocabulary]) => condition.vocabularies.includes(vocabulary)).map(([, label]) => label)
    if (QuerySql.labelsOf(condition, known).labels.length > 0) return []
    const meant = nearest(SearchText.term(condition.value), labels)
    return meant === undefined ? [] : [`No file has the label '${condition.value}'. Did you mean '${meant}'?`]
  })

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

/** A query as SQL over `media`, or over `item LEFT JOIN media`, for whoever reads the tables in another way. */
export const statement = (
  typed: string,
  universe: QuerySql.Universe,
  context: Omit<Query.Context, "vocabularies"> = {}
): Effect.Effect<{ readonly where: QuerySql.Part; readonly order: string | undefined }, LibraryError | SearchError, Library> =>
  Effect.map(parse(typed, { all: true, ...context }), ({ labels, query: { groups, sort } }) => ({
    where: QuerySql.where(groups, { universe, labels }),
    order: sort === undefined || sort.by === "relevance" ? undefined : QuerySql.order(sort)
  }))

export type Phrases = ReadonlyArray<Tokenizer.Phrase>

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

/** A file that fits, and how well. */
export interface Hit {
  readonly mediaId: number
  readonly score: number
}

/** What the library has of some files, in their order. */
const complete = (hits: ReadonlyArray<Hit>, query: Query.Query): Effect.Effect<ReadonlyArray<Found>, LibraryError, Library> =>
  Effect.gen(function* () {
    const ids = JSON.stringify(hits.map(({ mediaId }) => mediaId))
    const phrases = Query.phrases(query)
    const named = { phrases, paths: pathsOf(query) }
    const rows = new Map((yield* files(ids)).map((row) => [Column.number(row, "id"), row]))
    const copies = Arr.groupBy(yield* places(ids), (row) => String(row["content_hash"]))
    const said = Arr.groupBy(yield* captions(ids), (row) => String(row["media_id"]))
    const tagged = Arr.groupBy(yield* tags(ids), (row) => String(row["media_id"]))
    return hits.flatMap(({ mediaId, score }): ReadonlyArray<Found> => {
      const row = rows.get(mediaId)
      if (row === undefined) return []
      const about = said[mediaId] ?? []
      const own = Column.path(row, "path")
      const all = [own, ...(copies[String(row["content_hash"])] ?? []).map((copy) => Column.path(copy, "path"))]
      const best = all.length < 3 && all[1] === own ? own : all.reduce((a, b) => (fitOf(b, named) > fitOf(a, named) ? b : a))
      return [
        {
          mediaId,
          path: best,
          copies: [...new Set(all)].filter((path) => path !== best && (path !== own || all.indexOf(own, 1) > 0)),
          missing: Column.number(row, "missing") === 1,
          mediaType: Column.text(row, "media_type") ?? "",
          durationSeconds: Column.number(row, "duration_seconds"),
          title: Column.text(row, "title"),
          score,
          snippet: snippet(
            about.map((caption) => Column.text(caption, "text") ?? ""),
            phrases
          ),
          segments: segments(about, phrases),
          tags: (tagged[mediaId] ?? []).map(tagOf)
        }
      ]
    })
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
      hints: total === 0 ? hintsOf(query, labels) : [],
      found
    }
  })
