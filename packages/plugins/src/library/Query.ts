import { Either } from "effect"
import * as Range from "./Range.js"
import { SearchError } from "./SearchError.js"
import * as Tokenizer from "./Tokenizer.js"

/** Parts of the full-text index that can be asked for by name. */
export const columns = ["name", "title", "caption"] as const

/** Something to look for. */
export type Condition =
  /** Words, anywhere or in one column of the index. */
  | { readonly _tag: "Text"; readonly phrase: Tokenizer.Phrase; readonly column: (typeof columns)[number] | undefined }
  /** A measurement between two numbers. */
  | { readonly _tag: "Range"; readonly of: Range.Measure; readonly range: Range.Range }
  /** `emotion:happy`: a field or a vocabulary, and what it should be. */
  | { readonly _tag: "Field"; readonly name: string; readonly value: string; readonly prefix: boolean }

export interface Wish {
  readonly condition: Condition
  /** Written with a minus: it must not be so. */
  readonly excluded: boolean
}

/** All of the groups must fit; of a group any wish is enough. */
export type Query = ReadonlyArray<ReadonlyArray<Wish>>

const word = /(-?)(?:([A-Za-z][A-Za-z0-9-]*):(?!\/\/)(?=\S))?(?:["“”]([^"“”]*)["“”]?|「([^」]*)」?|(\S+))(\*?)/uy

const condition = (
  name: string | undefined,
  value: string,
  prefix: boolean
): Either.Either<Condition | undefined, SearchError> => {
  const field = name?.toLowerCase()
  if (field !== undefined && Range.isMeasure(field))
    return Either.map(Range.parse(field, value), (range): Condition => ({ _tag: "Range", of: field, range }))
  const column = columns.find((column) => column === field)
  if (field !== undefined && column === undefined)
    return Either.right({ _tag: "Field", name: field, value: value.trim(), prefix })
  const phrase = Tokenizer.phrase(value, prefix)
  return Either.right(phrase && { _tag: "Text", phrase, column })
}

/**
 * What somebody typed: `rain piano` (both), `"heavy rain"` (a phrase), `thunder*` (a beginning), `rain OR storm`, `-wind`,
 * `emotion:happy`, `instrument:"acoustic guitar"`, `name:holiday`, `duration:>60`, `tempo:110..130`. Nothing that is typed is an error
 * but a range that can't be read, or nothing at all.
 */
export const parse = (text: string): Either.Either<Query, SearchError> =>
  Either.gen(function* () {
    const groups: Array<Array<Wish>> = []
    let joined = false
    word.lastIndex = 0
    for (let at = 0; ; at = word.lastIndex) {
      word.lastIndex = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0)
      const found = word.exec(text)
      if (found === null) break
      const [all, minus, name, quoted, cornered, bare, star] = found
      if (all === "OR" && groups.length > 0) {
        joined = true
        continue
      }
      const value = quoted ?? cornered ?? bare ?? ""
      const starred = bare !== undefined ? /\*+$/.test(bare) : star === "*"
      const wanted = yield* condition(name, bare === undefined ? value : value.replace(/\*+$/, ""), starred)
      if (wanted === undefined) continue
      const wish = { condition: wanted, excluded: minus === "-" }
      const last = groups[groups.length - 1]
      if (joined && last !== undefined) last.push(wish)
      else groups.push([wish])
      joined = false
    }
    return groups.length > 0
      ? groups
      : yield* Either.left(new SearchError({ code: "NothingToSearch", detail: "there is nothing in the query to look for" }))
  })

/** The words of a query that should be there: what a result is marked with. */
export const phrases = (query: Query): ReadonlyArray<Tokenizer.Phrase> =>
  query.flatMap((group) =>
    group.flatMap(({ condition, excluded }) => (condition._tag === "Text" && !excluded ? [condition.phrase] : []))
  )
