import { Either, Option, Schema } from "effect"
import * as JsonReply from "./JsonReply.js"
import type { Vocabulary } from "../vocabularies/Vocabulary.js"

/** One label that a model gave. */
export interface Found {
  readonly label: string
  /** The model's own word. */
  readonly raw: string
  /** 0 to 1 */
  readonly confidence: number | undefined
  readonly evidence: string | undefined
}

const Entry = Schema.Struct({
  label: Schema.String,
  confidence: Schema.optional(Schema.Unknown),
  evidence: Schema.optional(Schema.Unknown)
})
/** What is asked for, and what comes instead: bare words, a bare list, one tag without a list. Other properties are nobody's business. */
const Entries = Schema.Array(Schema.Union(Entry, Schema.String))
const Reply = Schema.Union(Schema.Struct({ tags: Entries }), Entries, Entry)
const decode = Schema.decodeUnknownOption(Reply)

/** `0.8`, `"0.8"`, `80`, `"80 %"`; anything else is no confidence. */
const confidence = (value: unknown): number | undefined => {
  const text = typeof value === "string" ? value.trim() : value
  const percent = typeof text === "string" && text.endsWith("%")
  const number =
    typeof text === "number" ? text : typeof text === "string" && text !== "" ? Number(text.replace(/\s*%$/, "")) : NaN
  if (!Number.isFinite(number) || number < 0) return undefined
  const share = percent || number > 1 ? number / 100 : number
  return share <= 1 ? share : undefined
}

const longestEvidence = 300
const evidence = (value: unknown): string | undefined => {
  const text = typeof value === "string" ? value.replace(/\s+/g, " ").trim() : ""
  return text === "" ? undefined : text.length > longestEvidence ? `${text.slice(0, longestEvidence - 1)}…` : text
}

const most = 64
const longestWord = 100

const entriesOf = (reply: typeof Reply.Type): typeof Entries.Type =>
  "tags" in reply ? reply.tags : "label" in reply ? [reply] : reply

/** The tags in an answer. A word that means no label of the vocabulary is dropped; the same label twice counts once, by its best. */
export const parse = (text: string, vocabulary: Vocabulary): Either.Either<ReadonlyArray<Found>, string> => {
  for (const value of JsonReply.values(text)) {
    const reply = decode(value)
    if (Option.isNone(reply)) continue
    const found = new Map<string, Found>()
    for (const entry of entriesOf(reply.value).slice(0, most)) {
      const one = typeof entry === "string" ? { label: entry, confidence: undefined, evidence: undefined } : entry
      const raw = one.label.trim().slice(0, longestWord)
      const label = vocabulary.label(raw)
      if (label === undefined) continue
      const tag = { label, raw, confidence: confidence(one.confidence), evidence: evidence(one.evidence) }
      const before = found.get(label)
      if (before === undefined || (tag.confidence ?? 0) > (before.confidence ?? 0)) found.set(label, tag)
    }
    return Either.right([...found.values()])
  }
  return Either.left(
    [...JsonReply.values(text)].length === 0
      ? "there is no JSON in it"
      : 'its JSON is not of the form {"tags":[{"label","confidence","evidence"}]}'
  )
}
