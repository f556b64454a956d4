import type { Statement, Value } from "@mediaspool/core"
import type * as Query from "./Query.js"
import * as QuerySql from "./QuerySql.js"

/** How much a word counts in name, title, caption, tag, other text, and in the parts of names, titles and the rest: bm25's weights. */
export const WEIGHTS = "4, 4, 1, 3, 1, 1.5, 1.5, 0.5"

/** Of a word that stands in more files than this, the latest so many are ranked. */
export const RANKED = 50_000

/** Where the ids of what fits come from: a table or a list of ids, and conditions on it. */
export interface Source {
  readonly from: string
  readonly id: string
  readonly where: ReadonlyArray<string>
  readonly values: ReadonlyArray<Value>
  /** Whether `media` is among the tables. */
  readonly media: boolean
}

/** @param media whether the caller needs columns of `media` */
export const sourceOf = ({ ids, match, where }: QuerySql.Conditions, media: boolean): Source => {
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

export const clause = (conditions: ReadonlyArray<string>): string =>
  conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`

export const counting = (conditions: QuerySql.Conditions): Statement => {
  const { from, values, where } = sourceOf(conditions, false)
  return { sql: `SELECT count(*) AS total FROM ${from} ${clause(where)}`, values }
}

/** Gives ids and scores of a page of what fits. */
export const page = (
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
