import { type Language, spelled } from "./spelled.js"
import { windows1252 } from "./windows1252.js"

const western = [
  "de",
  "fr",
  "es",
  "pt",
  "it",
  "sv",
  "nb",
  "da",
  "fo",
  "fi",
  "nl",
  "is",
  "en",
  "ca",
  "ga",
  "gl",
  "eu",
  "sq",
  "br",
  "cy",
  "af",
  "lb"
] as const

interface Page {
  /** As `TextDecoder` knows it. */
  readonly label: string
  /** How much rarer files in it are, as a cost. */
  readonly rarity: number
  readonly languages: ReadonlyArray<Language>
}

/** Code pages of other languages with the Latin alphabet. */
const pages: ReadonlyArray<Page> = [
  { label: "windows-1250", rarity: 0, languages: ["pl", "cs", "sk", "hu", "ro", "hr", "sl"] },
  { label: "windows-1254", rarity: 0.5, languages: ["tr"] },
  { label: "windows-1257", rarity: 1.5, languages: ["lv", "lt", "et"] }
]

/** How much less a text must cost in another code page than in the Western one, and how many letters its words must have. */
const SURE = 3.4
const LEAST_LETTERS = 4

/** Cost of a sign within a word, beside its own. */
const TORN = 9

/** Words with a letter that isn't ASCII's: the others are the same in every code page. */
const marked = (text: string): ReadonlyArray<string> =>
  text.split(/[\x00-\x26\x28-\x40[-`{-\x7f]+/).filter((word) => /[^\x00-\x7f]/.test(word))

/** What words cost in a code page: they may be of several of its languages, and are rather of one. */
const costOf = (words: ReadonlyArray<string>, languages: ReadonlyArray<Language>): number => {
  const least = (text: string) => Math.min(...languages.map((language) => spelled(text, language)))
  const torn = words.flatMap((word) => word.match(/\p{L}[^\x00-\x7f\p{L}’](?=\p{L})/gu) ?? []).length
  return (least(words.join(" ")) + words.reduce((sum, word) => sum + least(word), 0)) / 2 + torn * TORN
}

const decoded = (bytes: Uint8Array, label: string): string | undefined => {
  const text = new TextDecoder(label, { ignoreBOM: true }).decode(bytes)
  return /[\p{Cc}\ufffd]/u.test(text) ? undefined : text
}

/**
 * The code page of texts in the Latin alphabet, where it is surely not the Western one: by the letters that follow each other in their
 * languages. `õ` and `û` of Western languages are Hungarian ő and ű, `ð`, `ý` and `þ` Turkish ğ, ı and ş.
 */
export const latinEncoding = (texts: ReadonlyArray<Uint8Array>): string | undefined => {
  const plain = texts.map(windows1252)
  const words = plain.flatMap(marked)
  if (words.join("").length < LEAST_LETTERS) return undefined
  const read = pages.flatMap(({ label, languages, rarity }) => {
    const others = texts.flatMap((bytes) => decoded(bytes, label) ?? [])
    return others.length < texts.length
      ? []
      : [{ label, isSame: others.join() === plain.join(), cost: rarity + costOf(others.flatMap(marked), languages) }]
  })
  const own = Math.min(costOf(words, western), ...read.filter(({ isSame }) => isSame).map(({ cost }) => cost))
  const [best] = read.filter(({ cost, isSame }) => !isSame && cost <= own - SURE).sort((a, b) => a.cost - b.cost)
  return best?.label
}
