import { latinPairs } from "./latinPairs.js"
import { letterPairs } from "./letterPairs.js"

const pairs = { ...letterPairs, ...latinPairs }
export type Language = keyof typeof pairs

/** Costs of the three classes of pairs, of others between letters that the language has, and of anything else. */
const CLASSES = [1.5, 2.7, 4.2]
const RARE = 5.3
/** Of a letter beside those of ASCII: languages that have it know where. */
const RARE_MARKED = 6.5
const STRANGE = 9
/** A capital within a word, and each letter of a word in capitals. */
const ODD_CASE = 7
const CAPITAL = 0.4

const models = new Map<Language, ReadonlyMap<string, number>>()

const modelOf = (language: Language): ReadonlyMap<string, number> => {
  const known = models.get(language)
  if (known !== undefined) return known
  const model = new Map<string, number>()
  for (const entry of pairs[language].split("|")) {
    const [letter = "", ...rest] = Array.from(entry)
    model.set(letter, RARE)
    for (const [n, followers] of rest.join("").split("/").entries())
      for (const next of followers) model.set(letter + next, CLASSES[n] ?? RARE)
  }
  models.set(language, model)
  return model
}

const isOddlyCased = (word: string) =>
  word !== word.toLowerCase() && word !== word.toUpperCase() && word.slice(1) !== word.slice(1).toLowerCase()

const words = /[\p{L}\p{M}]+|[^\x00-\x7f]/gu

/** What a text costs as one of a language with an alphabet: the negative logarithm of how likely its letters follow each other so. */
export const spelled = (text: string, language: Language): number => {
  const model = modelOf(language)
  let cost = 0
  for (const [word] of text.matchAll(words)) {
    if (!/^[\p{L}\p{M}]/u.test(word)) {
      cost += /[\u2010-\u203a\u00ab\u00bb\u00a0№]/.test(word) ? RARE : STRANGE
      continue
    }
    if (isOddlyCased(word)) cost += ODD_CASE
    if (word !== word.toLowerCase() && word === word.toUpperCase()) cost += CAPITAL * word.length
    const letters = [" ", ...word.toLowerCase(), " "]
    for (let i = 1; i < letters.length; i++) {
      const [letter = "", next = ""] = letters.slice(i - 1, i + 1)
      cost +=
        model.get(letter + next) ??
        (model.has(letter) && model.has(next) ? (/[ß-ÿ]/.test(letter + next) ? RARE_MARKED : RARE) : STRANGE)
    }
  }
  return cost
}
