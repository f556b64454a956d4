import type { Statement, Value } from "@mediaspool/core"
import { Either } from "effect"
import type { Condition, Query, Wish } from "./Query.js"
import { measures } from "./Range.js"
import { SearchError } from "./SearchError.js"
import * as Tokenizer from "./Tokenizer.js"

/** A part of a WHERE clause over `media`. */
export type Part = Statement

/** `%` and `_` in what was typed are themselves. */
const like = (text: string): string => text.replace(/[\\%_]/g, "\\$&")

/** Fields that are no vocabulary: SQL that is given the value as a LIKE pattern, lower case. */
const fields: Readonly<Record<string, (value: string) => Part>> = {
  path: (value) => ({ sql: "lower(media.path) LIKE ? ESCAPE '\\'", values: [`%${value}%`] }),
  type: (value) => ({
    sql: "(media.media_type LIKE ? OR media.media_type LIKE ? OR media.container LIKE ?)",
    values: [`${value}/%`, `%${value}`, value]
  }),
  pipeline: (value) => ({
    sql: "media.content_hash IN (SELECT content_hash FROM receipt WHERE pipeline LIKE ? ESCAPE '\\')",
    values: [value]
  }),
  model: (value) => ({
    sql: "media.id IN (SELECT media_id FROM caption WHERE model LIKE ? ESCAPE '\\' UNION SELECT media_id FROM tag WHERE model LIKE ? ESCAPE '\\')",
    values: [`%${value}%`, `%${value}%`]
  }),
  language: (value) => ({
    sql: "media.id IN (SELECT media_id FROM caption WHERE language LIKE ? ESCAPE '\\')",
    values: [`${value}%`]
  }),
  key: (value) => ({
    sql: "media.id IN (SELECT media_id FROM acoustics WHERE musical_key LIKE ? ESCAPE '\\')",
    values: [/ (major|minor)$/.test(value) ? value : `${value} m%`]
  })
}

/** What a search may name, besides the vocabularies. */
export const fieldNames: ReadonlyArray<string> = [
  "name",
  "title",
  "caption",
  "tag",
  ...Object.keys(measures),
  ...Object.keys(fields)
]

/** A name fits itself and its plural: `instrument` and `instruments`. */
const isNamed = (vocabulary: string, name: string): boolean =>
  vocabulary === name || vocabulary === `${name}s` || `${vocabulary}s` === name

/** The words in a label may be divided by anything. */
const pattern = (value: string, prefix: boolean): string => `${like(value).replace(/[\s-]+|\\_/g, "_")}${prefix ? "%" : ""}`

const tagged = (vocabularies: ReadonlyArray<string>, value: string, prefix: boolean): Part => ({
  sql: `media.id IN (SELECT media_id FROM tag WHERE vocabulary IN (SELECT value FROM json_each(?))
    AND (label LIKE ? ESCAPE '\\' OR raw LIKE ? ESCAPE '\\'))`,
  values: [JSON.stringify(vocabularies), pattern(value, prefix), pattern(value, prefix)]
})

/** Text as an FTS5 query. */
export const match = (condition: Extract<Condition, { readonly _tag: "Text" }>): string =>
  `${condition.column === undefined ? "" : `${condition.column} : `}${Tokenizer.match(condition.phrase)}`

const conditionPart = (condition: Condition, vocabularies: ReadonlyArray<string>): Either.Either<Part, SearchError> => {
  switch (condition._tag) {
    case "Text":
      return Either.right({ sql: "media.id IN (SELECT rowid FROM search WHERE search MATCH ?)", values: [match(condition)] })
    case "Range": {
      const { sql } = measures[condition.of]
      const { least, most } = condition.range
      const bounds: ReadonlyArray<readonly [string, Value]> = [
        ...(least === -Infinity ? [] : ([[`${sql} >= ?`, least]] as const)),
        ...(most === Infinity ? [] : ([[`${sql} <= ?`, most]] as const))
      ]
      const between = bounds.map(([test]) => test).join(" AND ")
      return Either.right({
        sql: sql.startsWith("media.") ? `(${between})` : `media.id IN (SELECT media_id FROM acoustics WHERE ${between})`,
        values: bounds.map(([, value]) => value)
      })
    }
    case "Field": {
      const { name, prefix } = condition
      const value = Tokenizer.fold(condition.value)
      const field = fields[name]
      if (field !== undefined && Object.hasOwn(fields, name)) return Either.right(field(like(value)))
      const named = name === "tag" ? vocabularies : vocabularies.filter((vocabulary) => isNamed(vocabulary, name))
      if (named.length > 0 || name === "tag") return Either.right(tagged(named, value, prefix))
      return Either.left(
        new SearchError({
          code: "FieldUnknown",
          detail: `there is no vocabulary '${name}' in this library, nor such a field; there are: ${[...vocabularies, ...fieldNames].join(", ")}`
        })
      )
    }
  }
}

const wishPart = ({ condition, excluded }: Wish, vocabularies: ReadonlyArray<string>): Either.Either<Part, SearchError> =>
  Either.map(conditionPart(condition, vocabularies), ({ sql, values }) => ({
    sql: excluded ? `NOT coalesce(${sql}, 0)` : sql,
    values
  }))

const joined = (parts: ReadonlyArray<Part>, by: string): Part => ({
  sql: parts.map(({ sql }) => `(${sql})`).join(` ${by} `),
  values: parts.flatMap(({ values }) => values)
})

/** A query as SQL. */
export interface Conditions {
  /** One FTS5 query for the groups that are words alone: it finds and ranks. `undefined` when there is none. */
  readonly match: string | undefined
  /** Everything else; `undefined` when there is nothing else. */
  readonly where: Part | undefined
}

const isWords = (group: ReadonlyArray<Wish>): boolean =>
  group.every(({ condition, excluded }) => condition._tag === "Text" && !excluded)

/** @param vocabularies those that tags in the library have */
export const of = (query: Query, vocabularies: ReadonlyArray<string>): Either.Either<Conditions, SearchError> =>
  Either.gen(function* () {
    const words = query.filter(isWords)
    const rest: Array<Part> = []
    for (const group of query.filter((group) => !isWords(group)))
      rest.push(joined(yield* Either.all(group.map((wish) => wishPart(wish, vocabularies))), "OR"))
    const texts = words.map(
      (group) => `(${group.map(({ condition }) => (condition._tag === "Text" ? match(condition) : "")).join(" OR ")})`
    )
    return {
      match: texts.length === 0 ? undefined : texts.join(" AND "),
      where: rest.length === 0 ? undefined : joined(rest, "AND")
    }
  })
