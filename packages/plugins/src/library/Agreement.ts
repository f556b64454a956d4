import { Option, Schema } from "effect"
import * as Tokenizer from "./Tokenizer.js"

/** A node's results for one file before and after an edit: the stored form as JSON; absent where it has none. */
export interface ResultPair {
  readonly before: string | undefined
  readonly after: string | undefined
}

/** How often a label was given before, after, and both times, in files. */
export interface LabelAgreement {
  readonly label: string
  readonly before: number
  readonly after: number
  readonly both: number
}

/** How far the results of an edited node are those from before. */
export interface Agreement {
  /** Files that have a result before and after. */
  readonly files: number
  readonly same: number
  /** 0 to 1: the mean over files of the labels, or words, that both have among those that either has. */
  readonly agreement: number
  /** Of a node that gives labels; the ones that differ most first. */
  readonly labels: ReadonlyArray<LabelAgreement>
}

const decode = Schema.decodeUnknownOption(
  Schema.parseJson(
    Schema.Struct({
      text: Schema.optional(Schema.String),
      tags: Schema.optional(Schema.Array(Schema.Struct({ label: Schema.String, confidence: Schema.optional(Schema.Number) })))
    })
  )
)

/** What a person reads of a result: a caption's text, tags as labels; `undefined` for what is neither. */
export const textOf = (stored: string): string | undefined =>
  Option.getOrUndefined(
    Option.flatMapNullable(decode(stored), ({ tags, text }) => text ?? tags?.map(({ label }) => label).join(", "))
  )

const labelsOf = (stored: string): ReadonlySet<string> | undefined =>
  Option.getOrUndefined(Option.flatMapNullable(decode(stored), ({ tags }) => tags && new Set(tags.map(({ label }) => label))))

const wordsOf = (stored: string): ReadonlySet<string> =>
  new Set(Tokenizer.tokens(textOf(stored) ?? stored).map(({ text }) => text))

const overlap = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  const both = [...a].filter((each) => b.has(each)).length
  const either = a.size + b.size - both
  return either === 0 ? 1 : both / either
}

/** Two results of one file, 0 to 1: their labels, or else their words. */
export const of = (before: string, after: string): number =>
  before === after ? 1 : overlap(labelsOf(before) ?? wordsOf(before), labelsOf(after) ?? wordsOf(after))

/** Counts how far an edit changes results. */
export const count = (pairs: ReadonlyArray<ResultPair>): Agreement => {
  const labels = new Map<string, { before: number; after: number; both: number }>()
  let [files, same, sum] = [0, 0, 0]
  for (const { after, before } of pairs) {
    if (before === undefined || after === undefined) continue
    files += 1
    const agreement = of(before, after)
    sum += agreement
    if (agreement === 1) same += 1
    const [old, fresh] = [labelsOf(before), labelsOf(after)]
    for (const label of new Set([...(old ?? []), ...(fresh ?? [])])) {
      const seen = labels.get(label) ?? { before: 0, after: 0, both: 0 }
      const [was, is] = [old?.has(label) === true, fresh?.has(label) === true]
      labels.set(label, {
        before: seen.before + Number(was),
        after: seen.after + Number(is),
        both: seen.both + Number(was && is)
      })
    }
  }
  return {
    files,
    same,
    agreement: files === 0 ? 1 : sum / files,
    labels: [...labels]
      .map(([label, seen]) => ({ label, ...seen }))
      .sort((a, b) => b.before + b.after - 2 * b.both - (a.before + a.after - 2 * a.both) || a.label.localeCompare(b.label))
  }
}
