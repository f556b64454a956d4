import { SearchText, type Statement, type Value } from "@mediaspool/core"
import type { Condition, Group, Sort, Term } from "./Query.js"
import type { DateField, NumberField, SortKey } from "./QueryField.js"
import type { Range } from "./Range.js"
import * as Tokenizer from "./Tokenizer.js"

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

const part = (sql: string, ...values: ReadonlyArray<Value>): Part => ({ sql, values })

/** Contents whose ids the statement gives. */
const among = (ids: string, ...values: ReadonlyArray<Value>): Part => ({ sql: `media.id IN (${ids})`, values, ids })

const joined = (parts: ReadonlyArray<Part>, by: "AND" | "OR"): Part =>
  parts.length === 1 && parts[0] !== undefined
    ? parts[0]
    : parts.length === 0
      ? part(by === "AND" ? "1" : "0")
      : { sql: parts.map(({ sql }) => `(${sql})`).join(` ${by} `), values: parts.flatMap(({ values }) => values) }

/** `%` and `_` in what was typed are themselves. */
const like = (text: string): string => text.replace(/[\\%_]/g, "\\$&")

/** A text column as it is compared: what isn't ASCII is stored folded by us. */
const ITEM_PATH = "coalesce(item.search_path, CAST(item.path AS TEXT))"
const ITEM_NAME = "item.search_name || ' ' || coalesce(item.search_parts, '')"

/** Contents of which a file that is there fits. */
const ofItems = (universe: Universe, condition: Part): Part =>
  universe === "item"
    ? condition
    : part(
        `media.content_hash IN (SELECT item.content_hash FROM item WHERE item.gone_at = 0 AND ${condition.sql})`,
        ...condition.values
      )

/** Columns of the full-text index that a word is looked for in, with the parts of words beside them. */
const columns = { name: "{name name_parts}", title: "{title title_parts}", caption: "caption" } as const

/** Words as an FTS5 query. */
export const match = ({ column, phrase }: Extract<Condition, { readonly _tag: "Text" }>): string =>
  `${column === undefined ? "" : `${columns[column]} : `}${Tokenizer.match(phrase)}`

const text = (condition: Extract<Condition, { readonly _tag: "Text" }>, universe: Universe): Part => {
  const found = part("media.id IN (SELECT rowid FROM search WHERE search MATCH ?)", match(condition))
  if (universe === "media") return found
  // A file that failed is in no index, and of two copies only one may have the name.
  const named = joined(
    condition.phrase.tokens.map((token) => part(`${ITEM_NAME} LIKE ? ESCAPE '\\'`, `%${like(token.text)}%`)),
    "AND"
  )
  if (condition.column === "name") return joined([joined([part("media.id IS NULL"), found], "OR"), named], "AND")
  return condition.column === undefined ? joined([found, joined([part("media.id IS NULL"), named], "AND")], "OR") : found
}

const between = (expression: string, { least, most }: Range, as: (bound: number) => Value = (bound) => bound): Part =>
  joined(
    [
      ...(least === -Infinity ? [] : [part(`${expression} >= ?`, as(least))]),
      ...(most === Infinity ? [] : [part(`${expression} <= ?`, as(most))])
    ],
    "AND"
  )

/** Money that the attempts of a file cost, a row a currency. */
const spent = ({ least, most }: Range, unit: string | undefined): Part => {
  const having = between("sum(CAST(amount AS REAL))", { least, most })
  return part(
    `item.id IN (SELECT item FROM attempt WHERE amount IS NOT NULL ${unit === undefined ? "" : "AND upper(currency) = ?"}
      GROUP BY item, currency HAVING ${having.sql})`,
    ...(unit === undefined ? [] : [unit]),
    ...having.values
  )
}

/** The share of a file that spans of speech cover. */
const SPEECH = `coalesce((SELECT sum(end_seconds - start_seconds) FROM tag
    WHERE tag.media_id = media.id AND vocabulary = 'speech' AND end_seconds > start_seconds) / media.duration_seconds, 0)`
const HAS_SPEECH = "media.id IN (SELECT media_id FROM tag WHERE vocabulary = 'speech')"

const acoustics =
  (column: string) =>
  (range: Range): Part => {
    const { sql, values } = between(`acoustics.${column}`, range)
    return part(`media.id IN (SELECT media_id FROM acoustics WHERE ${sql})`, ...values)
  }

const recorded =
  (expression: string) =>
  (range: Range): Part => {
    const { sql, values } = between(expression, range)
    return part(`media.id IN (SELECT media_id FROM quality WHERE ${sql})`, ...values)
  }

const DOUBTS = "(SELECT count(*) FROM evidence WHERE evidence.media_id = media.id AND verdict = 'contradicts')"

/** Claims that are contradicted, of files whose claims were checked. A range has its bounds in it: `>0` is from 0 on, and means one at least. */
const doubted = ({ least, most }: Range): Part =>
  least === 0 && most === Infinity
    ? part("media.id IN (SELECT media_id FROM evidence WHERE verdict = 'contradicts')")
    : joined([part("media.id IN (SELECT media_id FROM result WHERE kind = 'Evidence')"), between(DOUBTS, { least, most })], "AND")

const numbers: Readonly<Record<NumberField, (range: Range, universe: Universe, unit: string | undefined) => Part>> = {
  duration: (range) => between("media.duration_seconds", range),
  size: (range, universe) => between(universe === "item" ? "item.size" : "media.size_bytes", range),
  channels: (range) => between("media.channels", range),
  rate: (range) => between("media.sample_rate", range),
  tempo: acoustics("beats_per_minute"),
  loudness: acoustics("integrated_loudness"),
  cost: (range, universe, unit) => ofItems(universe, spent(range, unit)),
  speech: (range) => (range.least <= 0 ? between(SPEECH, range) : joined([part(HAS_SPEECH), between(SPEECH, range)], "AND")),
  snr: recorded("quality.snr"),
  bandwidth: recorded("quality.bandwidth"),
  hum: recorded("quality.hum"),
  clipping: recorded("quality.clipping"),
  offset: recorded("abs(quality.dc_offset)"),
  balance: recorded("abs(quality.balance)"),
  doubt: doubted
}

const dates: Readonly<Record<DateField, string>> = { added: "media.added_at", changed: "media.changed_at" }

const failed = (value: string, pattern: string): Part =>
  value === "yes" || value === "any" || pattern === "%"
    ? part("item.id IN (SELECT item FROM failure)")
    : part(
        `item.id IN (SELECT item FROM failure WHERE code LIKE ? ESCAPE '\\' OR node LIKE ? ESCAPE '\\' OR stage LIKE ? ESCAPE '\\')`,
        pattern,
        pattern,
        pattern
      )

const not = ({ sql, values }: Part): Part => part(`NOT coalesce((${sql}), 0)`, ...values)

/** Contents with rows from a node whose name fits. */
const fromNode = (pattern: string): Part =>
  joined(
    ["caption", "tag", "result"].map((table) =>
      part(`media.id IN (SELECT media_id FROM ${table} WHERE node LIKE ? ESCAPE '\\')`, pattern)
    ),
    "OR"
  )

const has = (value: string, universe: Universe): Part => {
  const pattern = like(value)
  switch (value.toLowerCase()) {
    case "caption":
      return part("media.id IN (SELECT media_id FROM caption)")
    case "tags":
    case "tag":
      return part("media.id IN (SELECT media_id FROM tag)")
    case "title":
      return part("media.title IS NOT NULL")
    case "audio":
      return part("media.audio_codec IS NOT NULL")
    case "video":
      return part("media.video_codec IS NOT NULL")
    case "failure":
      return ofItems(universe, failed("yes", "%"))
    case "file":
      return universe === "item" ? part("item.gone_at = 0") : part("media.missing = 0")
    default:
      return joined(
        [
          part(
            "media.id IN (SELECT media_id FROM tag WHERE vocabulary LIKE ? ESCAPE '\\' OR vocabulary LIKE ? ESCAPE '\\')",
            pattern,
            `${pattern}s`
          ),
          part("media.id IN (SELECT media_id FROM result WHERE kind LIKE ? ESCAPE '\\')", pattern),
          fromNode(pattern)
        ],
        "OR"
      )
  }
}

const COPIES = "media.content_hash IN (SELECT content_hash FROM item WHERE gone_at = 0 GROUP BY content_hash HAVING count(*) > 1)"

const duplicated = (how: string): Part => {
  if (how === "content") return part(COPIES)
  if (how === "audio" || how === "near") return part("media.id IN (SELECT media_id FROM duplicate WHERE how = ?)", how)
  const any = part(`${COPIES} OR media.id IN (SELECT media_id FROM duplicate)`)
  return how === "no" ? not(any) : any
}

const values: Readonly<Record<string, (value: string, prefix: boolean, universe: Universe) => Part>> = {
  path: (value, _, universe) => {
    const pattern = `%${like(SearchText.fold(value))}%`
    const ofCopies = ofItems(universe, part(`${ITEM_PATH} LIKE ? ESCAPE '\\'`, pattern))
    // A file that is gone has its last path.
    return universe === "item" ? ofCopies : joined([part("media.path LIKE ? ESCAPE '\\'", pattern), ofCopies], "OR")
  },
  type: (value) => {
    const type = like(value.toLowerCase())
    return part(
      "media.media_type LIKE ? ESCAPE '\\' OR media.media_type LIKE ? ESCAPE '\\' OR media.container LIKE ? ESCAPE '\\'",
      `${type}/%`,
      `%${type}`,
      type
    )
  },
  pipeline: (value, prefix) =>
    part(
      "media.content_hash IN (SELECT content_hash FROM receipt WHERE pipeline LIKE ? ESCAPE '\\')",
      `${like(value)}${prefix ? "%" : ""}`
    ),
  model: (value) => {
    const pattern = `%${like(value)}%`
    return part(
      `media.id IN (SELECT media_id FROM caption WHERE model LIKE ? ESCAPE '\\'
        UNION SELECT media_id FROM tag WHERE model LIKE ? ESCAPE '\\')`,
      pattern,
      pattern
    )
  },
  language: (value) => part("media.id IN (SELECT media_id FROM caption WHERE language LIKE ? ESCAPE '\\')", `${like(value)}%`),
  key: (value) =>
    part(
      "media.id IN (SELECT media_id FROM acoustics WHERE musical_key LIKE ? ESCAPE '\\')",
      / (major|minor)$/i.test(value) ? like(value) : `${like(value)} m%`
    ),
  stage: (value, prefix, universe) => {
    const pattern = `${like(value)}${prefix ? "%" : ""}`
    return joined([fromNode(pattern), ofItems(universe, failed("", pattern))], "OR")
  },
  failed: (value, prefix, universe) =>
    value.toLowerCase() === "no"
      ? not(ofItems(universe, failed("yes", "%")))
      : ofItems(universe, failed(value.toLowerCase(), `${like(value)}${prefix || value === "" ? "%" : ""}`)),
  has: (value, _, universe) => has(value, universe),
  missing: (value, _, universe) => not(has(value, universe)),
  dup: (value) => duplicated(value.toLowerCase()),
  reviewed: (value) => part(`${value.toLowerCase() === "yes" ? "" : "NOT "}media.id IN (SELECT media_id FROM pinned)`)
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
      return numbers[condition.field](condition.range, universe, condition.unit)
    case "Date":
      return between(dates[condition.field], condition.range, (at) => new Date(at).toISOString())
    case "Label":
      return condition.vocabularies.length === 0 ? part("0") : tagged(labelsOf(condition, labels))
    case "Value":
      return values[condition.field]?.(condition.value, condition.prefix, universe) ?? part("0")
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
