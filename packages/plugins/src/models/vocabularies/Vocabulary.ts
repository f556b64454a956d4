import { Field } from "@mediaspool/core"
import { Either, Schema } from "effect"
import { createHash } from "node:crypto"
import { emotion } from "./emotion.js"
import { instruments } from "./instruments.js"
import { mood } from "./mood.js"
import { ModelError } from "../ModelError.js"

const Label = Schema.String.pipe(Schema.pattern(/^[a-z][a-z0-9_]*$/)).annotations({
  description: "Lower case letters, digits and underscores"
})

/** A closed set of labels as the config writes it. */
export const VocabularySettings = Schema.Struct({
  version: Field.withDefault(
    Schema.Int.pipe(Schema.positive()),
    1,
    "Raised when a label changes its meaning; it is stored with every tag"
  ),
  about: Field.required(Schema.NonEmptyString, "What the labels say of a recording: the kind of traffic that is heard"),
  labels: Field.required(Schema.NonEmptyArray(Label), "The only labels there are; one named `other` takes what fits none"),
  synonyms: Field.withDefault(
    Schema.Record({ key: Label, value: Schema.Array(Schema.NonEmptyString) }),
    {},
    "Other words that a model may use, by the label that they mean"
  )
}).annotations({ identifier: "Vocabulary" })
export type VocabularySettings = typeof VocabularySettings.Type

/** The config's `vocabularies` section. */
export const Vocabularies = Schema.Record({
  key: Schema.String.pipe(Schema.pattern(/^[a-z][a-z0-9-]*$/)),
  value: VocabularySettings
})
export type Vocabularies = typeof Vocabularies.Type

/** A closed set of labels, ready to map a model's words. */
export interface Vocabulary extends VocabularySettings {
  readonly name: string
  /** `emotion@1`, as it stands with every tag. */
  readonly id: string
  /** Of labels and synonyms: for keys, should somebody edit a vocabulary and forget its version. */
  readonly digest: string
  /** The label for a model's word: itself, a synonym's, `other`, or none. */
  readonly label: (word: string) => string | undefined
}

const builtIn: Vocabularies = { emotion, instruments, mood }

/** Words are compared without case, hyphens, articles and a plural's end. */
const normal = (word: string): string =>
  word
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[_\-/]+/g, " ")
    .replace(/[^\p{L}\p{N} ]+/gu, "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^(an?|the) /, "")

const singular = (word: string): string => word.replace(/(?<=[a-z]{3})s$/, "")

const lookup = ({ labels, synonyms }: VocabularySettings): ((word: string) => string | undefined) => {
  const known = new Map<string, string>()
  const learn = (word: string, label: string) => {
    for (const form of [normal(word), singular(normal(word))]) if (!known.has(form)) known.set(form, label)
  }
  for (const label of labels) learn(label, label)
  for (const label of labels) for (const word of synonyms[label] ?? []) learn(word, label)
  const rest = labels.find((label) => label === "other")
  const exact = (word: string) => known.get(word) ?? known.get(singular(word))
  return (word) => {
    const term = normal(word)
    if (term === "") return undefined
    // "distorted electric guitar" means what its last words mean.
    const words = term.split(" ")
    for (let from = 0; from < words.length; from++) {
      const found = exact(words.slice(from).join(" "))
      if (found !== undefined) return found
    }
    return rest
  }
}

const make = (name: string, settings: VocabularySettings): Vocabulary => ({
  ...settings,
  name,
  id: `${name}@${settings.version}`,
  digest: createHash("sha256")
    .update(JSON.stringify([settings.about, settings.labels, settings.synonyms]))
    .digest("base64url")
    .slice(0, 16),
  label: lookup(settings)
})

const foreign = ({ labels, synonyms }: VocabularySettings) => Object.keys(synonyms).find((label) => !labels.includes(label))

/** The vocabulary of this name: the config's own, or a built-in one. */
export const resolve = (name: string, own: Vocabularies): Either.Either<Vocabulary, ModelError> => {
  const settings = Object.hasOwn(own, name) ? own[name] : Object.hasOwn(builtIn, name) ? builtIn[name] : undefined
  const refused = (detail: string) => Either.left(new ModelError({ code: "VocabularyUnknown", detail }))
  if (settings === undefined) {
    const known = [...new Set([...Object.keys(own), ...Object.keys(builtIn)])].join(", ")
    return refused(`there is no vocabulary '${name}'; there are ${known}`)
  }
  const stray = foreign(settings)
  return stray === undefined
    ? Either.right(make(name, settings))
    : refused(`the vocabulary '${name}' has synonyms for '${stray}', which is none of its labels`)
}
