/** Small words that are frequent in one language and rare in its neighbours. */
const words: Readonly<Record<string, ReadonlyArray<string>>> = {
  en: ["the", "and", "of", "is", "with", "a", "in", "to", "that", "by", "its", "as"],
  de: ["der", "die", "und", "das", "ist", "mit", "ein", "eine", "von", "nicht", "den", "im"],
  fr: ["le", "la", "les", "et", "des", "une", "est", "dans", "avec", "un", "du", "au"],
  es: ["el", "los", "las", "y", "una", "con", "es", "por", "un", "del", "al", "que"],
  it: ["il", "di", "che", "gli", "una", "con", "è", "un", "della", "nel", "sono", "e"],
  pt: ["o", "os", "uma", "com", "não", "em", "do", "da", "um", "é", "ao", "e"],
  nl: ["het", "een", "en", "van", "de", "met", "niet", "is", "zijn", "op", "voor", "die"]
}

const scripts: ReadonlyArray<readonly [string, RegExp]> = [
  ["ru", /\p{Script=Cyrillic}/gu],
  ["ar", /\p{Script=Arabic}/gu],
  ["el", /\p{Script=Greek}/gu],
  ["he", /\p{Script=Hebrew}/gu],
  ["hi", /\p{Script=Devanagari}/gu],
  ["th", /\p{Script=Thai}/gu]
]
const han = /\p{Script=Han}/gu
const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/gu

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** Half of a text decides, where a character that is a syllable weighs as much as three letters: captions quote. */
const byScript = (text: string): string | undefined => {
  const letters = count(text, /\p{L}/gu)
  const chinese = count(text, han)
  const japanese = count(text, kana)
  const heavy = (found: number) => found > 0 && found * 3 >= letters - found
  if (heavy(chinese + japanese)) return japanese * 5 >= chinese ? "ja" : "zh"
  if (heavy(count(text, /\p{Script=Hangul}/gu))) return "ko"
  return scripts.find(([, pattern]) => count(text, pattern) * 2 > letters)?.[0]
}

/** The language of a text as BCP 47, by script, and for Latin script by its small words; `und` when it can't be told. */
export const detect = (text: string): string => {
  const script = byScript(text)
  if (script !== undefined) return script
  const all = text.toLowerCase().match(/[\p{L}']+/gu) ?? []
  const scores = Object.entries(words).map(([language, small]) => ({
    language,
    share: all.filter((word) => small.includes(word)).length / all.length
  }))
  if (all.length === 0) return "und"
  const best = scores.reduce((a, b) => (b.share > a.share ? b : a))
  return best.share >= 0.08 ? best.language : "und"
}

/** Whether a text is in a language, as far as that can be told: a text too short to tell passes. */
export const fits = (text: string, language: string): boolean => {
  const found = detect(text)
  return found === "und" || found === language.toLowerCase().split("-")[0]
}
