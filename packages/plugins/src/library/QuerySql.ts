import { SearchText, type Statement } from "@mediaspool/core"
import * as FieldSql from "./FieldSql.js"
import type { Condition, Group, Sort, Term } from "./Query.js"
import type { SortKey } from "./QueryField.js"
import { among, between, joined, like, not, part, type Part, type Universe } from "./SqlPart.js"
import * as Tokenizer from "./Tokenizer.js"

/** Columns of the full-text index that a word is looked for in, with the parts of words beside them. */
const columns = { name: "{name name_parts}", title: "{title title_parts}", caption: "caption" } as const

/** Words as an FTS5 query. */
const match = ({ column, phrase }: Extract<Condition, { readonly _tag: "Text" }>): string =>
  `${column === undefined ? "" : `${columns[column]} : `}${Tokenizer.match(phrase)}`

const text = (condition: Extract<Condition, { readonly _tag: "Text" }>, universe: Universe): Part => {
  const found = part("media.id IN (SELECT rowid FROM search WHERE search MATCH ?)", match(condition))
  if (universe === "media") return found
  // A file that failed is in no index, and of two copies only one may have the name.
  const named = joined(
    condition.phrase.tokens.map((token) => part(`${FieldSql.ITEM_NAME} LIKE ? ESCAPE '\\'`, `%${like(token.text)}%`)),
    "AND"
  )
  if (condition.column === "name") return joined([joined([part("media.id IS NULL"), found], "OR"), named], "AND")
  return condition.column === undefined ? joined([found, joined([part("media.id IS NULL"), named], "AND")], "OR") : found
}

/** Labels of a vocabulary that a query means: found in the list of labels, which is short, so that tags are read by their index. */
export interface Labels {
  readonly labels: ReadonlyArray<readonly [vocabulary: string, label: string]>
  /** The model's own words, where they are others than the label's; folded. */
  readonly raw: { readonly vocabularies: ReadonlyArray<string>; readonly term: string; readonly prefix: boolean }
}

/** @param known all labels of the library, by vocabulary */
export const labelsOf = (
  { prefix, value, vocabularies }: Extract<Condition, { readonly _tag: "Label" }>,
  known: ReadonlyArray<readonly [vocabulary: string, label: string]>
): Labels => {
  const term = SearchText.term(value)
  const fits = (label: string) => (prefix ? SearchText.term(label).startsWith(term) : SearchText.term(label) === term)
  return {
    labels: known.filter(([vocabulary, label]) => vocabularies.includes(vocabulary) && fits(label)),
    raw: { vocabularies, term, prefix }
  }
}

const tagged = ({ labels, raw }: Labels): Part =>
  among(
    [
      ...labels.map(() => "SELECT media_id FROM tag WHERE vocabulary = ? AND label = ?"),
      ...raw.vocabularies.map(
        () => `SELECT media_id FROM tag WHERE vocabulary = ? AND raw_term ${raw.prefix ? ">= ? AND raw_term < ?" : "= ?"}`
      )
    ].join(" UNION ALL "),
    ...labels.flat(),
    ...raw.vocabularies.flatMap((vocabulary) =>
      raw.prefix ? [vocabulary, raw.term, `${raw.term}\u{10ffff}`] : [vocabulary, raw.term]
    )
  )

/** What the SQL of a query depends on, beside the query. */
export interface Options {
  readonly universe: Universe
  /** All labels of the library, by vocabulary. */
  readonly labels: ReadonlyArray<readonly [vocabulary: string, label: string]>
}

const conditionPart = (condition: Condition, { labels, universe }: Options): Part => {
  switch (condition._tag) {
    case "Text":
      return text(condition, universe)
    case "Number":
      return FieldSql.numbers[condition.field](condition.range, universe, condition.unit)
    case "Date":
      return between(FieldSql.dates[condition.field], condition.range, (at) => new Date(at).toISOString())
    case "Label":
      return condition.vocabularies.length === 0 ? part("0") : tagged(labelsOf(condition, labels))
    case "Value":
      return FieldSql.values[condition.field]?.(condition.value, condition.prefix, universe) ?? part("0")
    case "Saved":
      return groupsPart(condition.groups, { labels, universe })
  }
}

const termPart = ({ condition, excluded }: Term, options: Options): Part =>
  excluded ? not(conditionPart(condition, options)) : conditionPart(condition, options)

const groupsPart = (groups: ReadonlyArray<Group>, options: Options): Part =>
  joined(
    groups.map((group) =>
      joined(
        group.map((term) => termPart(term, options)),
        "OR"
      )
    ),
    "AND"
  )

/** A query over `media` as SQL. */
export interface Conditions {
  /** One FTS5 query for the groups that are words alone: it finds and ranks. `undefined` when there is none. */
  readonly match: string | undefined
  /** Statements that give ids: all of them must. */
  readonly ids: ReadonlyArray<Statement>
  /** Everything else; `undefined` when there is nothing else. */
  readonly where: Part | undefined
}

const isWords = (group: Group): boolean => group.every(({ condition, excluded }) => condition._tag === "Text" && !excluded)

/** Words as an FTS5 query, labels as ids, and everything else as conditions on `media`. */
export const split = (groups: ReadonlyArray<Group>, options: Options): Conditions => {
  const words = groups
    .filter(isWords)
    .map((group) => `(${group.flatMap(({ condition }) => (condition._tag === "Text" ? [match(condition)] : [])).join(" OR ")})`)
  const rest = groups.filter((group) => !isWords(group)).map((group) => groupsPart([group], options))
  const others = rest.filter(({ ids }) => ids === undefined)
  return {
    match: words.length === 0 ? undefined : words.join(" AND "),
    ids: rest.flatMap(({ ids, values }) => (ids === undefined ? [] : [{ sql: ids, values }])),
    where: others.length === 0 ? undefined : joined(others, "AND")
  }
}

/** The whole query as a condition. */
export const where = (groups: ReadonlyArray<Group>, options: Options): Part => groupsPart(groups, options)

/** SQL of an order over `media`; rows without the value come last. */
export const order = ({ by, descending }: Sort): string => {
  const direction = descending ? "DESC" : "ASC"
  const column: Readonly<Record<Exclude<SortKey, "relevance">, string>> = {
    path: "media.path",
    name: "replace(media.path, rtrim(media.path, replace(media.path, '/', '')), '')",
    title: "media.title",
    duration: "media.duration_seconds",
    size: "media.size_bytes",
    added: "media.added_at",
    changed: "media.changed_at",
    tempo: "(SELECT max(beats_per_minute) FROM acoustics WHERE media_id = media.id)",
    loudness: "(SELECT max(integrated_loudness) FROM acoustics WHERE media_id = media.id)"
  }
  return by === "relevance" ? `media.path ${direction}` : `${column[by]} ${direction} NULLS LAST, media.path`
}
