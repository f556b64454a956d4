import { Array as Arr, Either } from "effect"
import * as QueryField from "./QueryField.js"
import { fault, type Word, words } from "./QueryWord.js"
import * as Range from "./Range.js"
import { type QueryFault, SearchError } from "./SearchError.js"
import * as Tokenizer from "./Tokenizer.js"

/** Something to look for. */
export type Condition =
  /** Words, anywhere or in one column of the index. */
  | { readonly _tag: "Text"; readonly phrase: Tokenizer.Phrase; readonly column: QueryField.TextField | undefined }
  /** A number between two others. `unit` is the currency, of `cost` alone. */
  | {
      readonly _tag: "Number"
      readonly field: QueryField.NumberField
      readonly range: Range.Range
      readonly unit: string | undefined
    }
  /** A moment between two others, in milliseconds since 1970. */
  | { readonly _tag: "Date"; readonly field: QueryField.DateField; readonly range: Range.Range }
  /** A field and what it should be. */
  | { readonly _tag: "Value"; readonly field: string; readonly value: string; readonly prefix: boolean }
  /** A label of one of these vocabularies. */
  | {
      readonly _tag: "Label"
      readonly vocabularies: ReadonlyArray<string>
      readonly value: string
      readonly prefix: boolean
    }
  /** A query that the config saves under a name. */
  | { readonly _tag: "Saved"; readonly name: string; readonly groups: ReadonlyArray<Group> }

/** A part of a query: all of them must fit. */
export interface Term {
  readonly condition: Condition
  /** Written with a minus: it must not be so. */
  readonly excluded: boolean
}

/** Any of its terms is enough. */
export type Group = ReadonlyArray<Term>

/** The order of an answer. */
export interface Sort {
  readonly by: QueryField.SortKey
  readonly descending: boolean
}

/** All of the groups must fit; without groups everything does. */
export interface Query {
  readonly groups: ReadonlyArray<Group>
  /** Unsorted: by relevance where words are looked for, else by path. */
  readonly sort: Sort | undefined
}

/** What the parser has to know of the library and the config. */
export interface Context {
  /** Those that tags in the library have. */
  readonly vocabularies: ReadonlyArray<string>
  /** Queries of the config, by name. */
  readonly saved?: Readonly<Record<string, string>> | undefined
  /** For ages and `today`. Default: now. */
  readonly now?: Date | undefined
  /** Whether an empty query stands for everything. Default: it is an error. */
  readonly all?: boolean | undefined
}

const oneOf = <A extends string>(names: ReadonlyArray<A>, name: string): A | undefined => names.find((each) => each === name)

/** What a word asks for; `undefined` when there is nothing in it to look for (`…`). */
type Meaning = Either.Either<Condition | Sort | undefined, QueryFault>

const listed = (values: ReadonlyArray<string>) => values.join(", ")

/** Where the second of two ends comes before the first. */
const reversed = (of: Word, name: string): QueryFault => {
  const at = of.value.indexOf("..")
  const meant = `${name}:${of.value.slice(at + 2).trim()}..${of.value.slice(0, at).trim()}`
  return fault(of, "RangeUnreadable", `'${of.value}' ends before it begins`, "value", meant)
}

const number = (of: Word, field: QueryField.NumberField): Meaning => {
  const [, typed = "", unit] = (field === "cost" ? /^(.*?\d)\s*([a-z]{3})$/i.exec(of.value) : null) ?? [of.value, of.value]
  const range = Range.parse(field, typed)
  if (range !== undefined && range.least > range.most) return Either.left(reversed(of, field))
  return range === undefined
    ? Either.left(
        fault(of, "RangeUnreadable", `'${of.value}' is no range that ${field} could have; write ${Range.example(field)}`, "value")
      )
    : Either.right({ _tag: "Number", field, range, unit: unit?.toUpperCase() })
}

const choice = (of: Word, { name, values = [] }: QueryField.QueryField, others: ReadonlyArray<string>): Meaning => {
  const value = of.value.trim().toLowerCase()
  if (name === "sort") {
    const by = oneOf(QueryField.sortKeys, value.replace(/^-/, ""))
    const descending = value.startsWith("-")
    if (by !== undefined && of.excluded)
      return Either.left(
        fault(of, "ValueUnknown", "sort: takes its minus after the colon", "value", `sort:${descending ? "" : "-"}${by}`)
      )
    if (by !== undefined) return Either.right({ by, descending })
  } else if (
    values.includes(value) ||
    (name !== "reviewed" &&
      name !== "dup" &&
      (others.some((other) => QueryField.isNamed(other, value)) || /^[A-Z]/.test(of.value)))
  )
    return Either.right({ _tag: "Value", field: name, value: of.value.trim(), prefix: false })
  // A node may have any name: what isn't nearly one of the known words is taken for one.
  const meant = QueryField.nearest(value.replace(/^-/, ""), [...values, ...others])
  if ((name === "has" || name === "missing") && meant === undefined)
    return Either.right({ _tag: "Value", field: name, value, prefix: false })
  return Either.left(
    fault(of, "ValueUnknown", `${name}: takes ${listed(values)}`, "value", meant === undefined ? undefined : `${name}:${meant}`)
  )
}

const saved = (of: Word, context: Context, within: ReadonlyArray<string>): Meaning => {
  const queries = context.saved ?? {}
  const text = Object.hasOwn(queries, of.value) ? queries[of.value] : undefined
  const names = Object.keys(queries)
  const meant = QueryField.nearest(of.value, names)
  if (text === undefined)
    return Either.left(
      fault(
        of,
        "ValueUnknown",
        names.length === 0
          ? "the config saves no queries"
          : `the config saves no query '${of.value}'; there are: ${listed(names)}`,
        "value",
        meant === undefined ? undefined : `saved:${meant}`
      )
    )
  if (within.includes(of.value))
    return Either.left(fault(of, "ValueUnknown", `the saved query '${of.value}' names itself`, "value"))
  return Either.match(read(text, context, [...within, of.value]), {
    onLeft: ([first]) =>
      Either.left(fault(of, first.code, `in the saved query '${of.value}': ${first.message}`, "value", first.meant)),
    onRight: ({ groups }) => Either.right({ _tag: "Saved", name: of.value, groups })
  })
}

const meaning = (of: Word, context: Context, within: ReadonlyArray<string>): Meaning => {
  const { name, prefix, quoted, value } = of
  const { vocabularies } = context
  if (of.open) {
    const close = value.trim() === "" ? undefined : `${name === undefined ? "" : `${name}:`}"${value.trim()}"`
    return Either.left(fault(of, "QuoteUnbalanced", "this quote is never closed", "value", close))
  }
  const text = (column: QueryField.TextField | undefined): Meaning => {
    const phrase = Tokenizer.phrase(value, prefix)
    return Either.right(phrase && { _tag: "Text", phrase, column })
  }
  const isVocabulary = vocabularies.filter((vocabulary) => QueryField.isNamed(vocabulary.toLowerCase(), name ?? ""))
  const isField = (name: string | undefined): boolean =>
    name !== undefined && (QueryField.fields.some((field) => field.name === name) || vocabularies.includes(name))
  if (name === undefined) {
    const empty = quoted ? undefined : /^([\p{L}][\p{L}\p{N}_-]*):$/u.exec(value)?.[1]?.toLowerCase()
    if (empty !== undefined && isField(empty)) return Either.left(fault(of, "ValueMissing", `${empty}: needs a value`, "value"))
    const bracketed = quoted ? undefined : /^\(+(-?([\p{L}][\p{L}\p{N}_-]*):.+)$/u.exec(value)
    return isField(bracketed?.[2]?.toLowerCase())
      ? Either.left(fault(of, "FieldUnknown", "brackets aren't read: what OR joins belongs together", "value", bracketed?.[1]))
      : text(undefined)
  }
  const field = QueryField.fields.find((each) => each.name === name)
  const numeric = oneOf(QueryField.numberFields, name)
  // A vocabulary may be called like a number's field: `speech:>0.5` is the number, `speech:laughter` a label.
  if (numeric !== undefined && (isVocabulary.length === 0 || Range.parse(numeric, value) !== undefined))
    return number(of, numeric)
  if (isVocabulary.length > 0) return Either.right({ _tag: "Label", vocabularies: isVocabulary, value: value.trim(), prefix })
  if (name === "tag") return Either.right({ _tag: "Label", vocabularies, value: value.trim(), prefix })
  const column = oneOf(QueryField.textFields, name)
  if (column !== undefined) return text(column)
  const date = oneOf(QueryField.dateFields, name)
  if (date !== undefined) {
    const range = Range.parseDate(date, value, context.now ?? new Date())
    if (range !== undefined && range.least > range.most) return Either.left(reversed(of, date))
    return range === undefined
      ? Either.left(fault(of, "RangeUnreadable", `'${value}' is no time; write ${Range.dateExample}`, "value"))
      : Either.right({ _tag: "Date", field: date, range })
  }
  if (name === "saved") return saved(of, context, within)
  if (field?.kind === "choice") return choice(of, field, vocabularies)
  if (field !== undefined) return Either.right({ _tag: "Value", field: name, value: value.trim(), prefix })
  const names = [...vocabularies, ...QueryField.fields.map((each) => each.name)]
  const meant = QueryField.nearest(name, names)
  return Either.left(
    fault(
      of,
      "FieldUnknown",
      meant === undefined
        ? `there is no field or vocabulary '${name}'; there are: ${listed(names)}`
        : `there is no field or vocabulary '${name}'`,
      "field",
      meant === undefined ? undefined : `${meant}:`
    )
  )
}

const isSort = (meaning: Condition | Sort): meaning is Sort => "by" in meaning

const read = (
  text: string,
  context: Context,
  within: ReadonlyArray<string>
): Either.Either<Query, readonly [QueryFault, ...ReadonlyArray<QueryFault>]> => {
  const groups: Array<Array<Term>> = []
  const faults: Array<QueryFault> = []
  let sort: Sort | undefined
  let joined = false
  for (const each of words(text)) {
    if (text.slice(each.start, each.end) === "OR" && groups.length > 0) {
      joined = true
      continue
    }
    const meant = meaning(each, context, within)
    if (Either.isLeft(meant)) {
      faults.push(meant.left)
      continue
    }
    const found = meant.right
    if (found === undefined) continue
    if (isSort(found)) {
      sort = found
      continue
    }
    const term = { condition: found, excluded: each.excluded }
    const last = groups[groups.length - 1]
    if (joined && last !== undefined) last.push(term)
    else groups.push([term])
    joined = false
  }
  return Arr.isNonEmptyReadonlyArray(faults) ? Either.left(faults) : Either.right({ groups, sort })
}

/**
 * What somebody typed: `rain piano` (both), `"heavy rain"` (a phrase), `thunder*` (a beginning), `rain OR storm`, `-wind`,
 * `emotion:happy`, `instrument:"acoustic guitar"`, `duration:>60`, `added:<7d`, `missing:caption`, `saved:favourites`,
 * `sort:-duration`; {@link QueryField.fields} lists the fields. The error names all parts that can't be understood, their places and
 * what was probably meant.
 */
export const parse = (typed: string, context: Context): Either.Either<Query, SearchError> =>
  Either.match(read(typed, context, []), {
    onLeft: (faults) => Either.left(SearchError.at(typed, faults)),
    onRight: (query) =>
      query.groups.length > 0 || context.all === true
        ? Either.right(query)
        : Either.left(new SearchError({ code: "NothingToSearch", detail: "there is nothing in the query to look for" }))
  })

/** The words of a query that should be there: what a result is marked with. */
export const phrases = ({ groups }: Pick<Query, "groups">): ReadonlyArray<Tokenizer.Phrase> =>
  groups.flatMap((group) =>
    group.flatMap(({ condition, excluded }) =>
      excluded ? [] : condition._tag === "Text" ? [condition.phrase] : condition._tag === "Saved" ? phrases(condition) : []
    )
  )
