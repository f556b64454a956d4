import { type CharacterCost, hangul, hanzi, kanji, simplified, traditional } from "./characterCost.js"
import { type Language, spelled } from "./spelled.js"

interface Reading {
  /** As `TextDecoder` knows it. */
  readonly label: string
  /** How much rarer files in it are, as a cost. */
  readonly rarity: number
  readonly languages?: ReadonlyArray<Language>
  readonly character?: CharacterCost
}

const readings: ReadonlyArray<Reading> = [
  { label: "windows-1251", rarity: 0, languages: ["ru", "uk", "bg", "sr"] },
  { label: "koi8-r", rarity: 1.5, languages: ["ru"] },
  { label: "ibm866", rarity: 4, languages: ["ru"] },
  { label: "windows-1253", rarity: 3, languages: ["el"] },
  { label: "windows-1255", rarity: 1.5, languages: ["he"] },
  { label: "windows-1256", rarity: 1.5, languages: ["ar", "fa"] },
  { label: "windows-874", rarity: 1.5, languages: ["th"] },
  { label: "gb18030", rarity: 1, character: hanzi(simplified, 0xb0, 0xd7) },
  { label: "big5", rarity: 1.5, character: hanzi(traditional, 0xa4, 0xc6) },
  { label: "shift_jis", rarity: 1, character: kanji(0x88, 0x97) },
  { label: "euc-jp", rarity: 2.5, character: kanji(0xb0, 0xcf) },
  { label: "euc-kr", rarity: 1, character: hangul }
]

/** Cost of a letter in a Western language, where words hardly ever have nothing but letters with accents. */
const WESTERN = 7.2

const decoded = (bytes: Uint8Array, label: string): string | undefined => {
  try {
    const text = new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes)
    return /[\p{Cc}\p{Co}\p{Cn}\ufffd]/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** Bytes of a character, by its first one. */
const width = (label: string, lead: number, next: number): number =>
  label === "shift_jis" && lead >= 0xa1 && lead <= 0xdf
    ? 1
    : label === "euc-jp" && lead === 0x8f
      ? 3
      : label === "gb18030" && next >= 0x30 && next <= 0x39
        ? 4
        : 2

const costOf = ({ character, label, languages = [] }: Reading, bytes: Uint8Array): number => {
  const text = decoded(bytes, label)
  if (text === undefined) return Infinity
  if (character === undefined) return Math.min(...languages.map((language) => spelled(text, language)))
  let [cost, at] = [0, 0]
  for (const each of text) {
    const lead = bytes[at] ?? 0
    if (lead >= 0x80) cost += character(each, lead)
    at += lead < 0x80 ? 1 : width(label, lead, bytes[at + 1] ?? 0)
  }
  return cost
}

/** Words have bytes from 0x80 on alone, at least two of them; between them there are blanks, digits and punctuation. */
const isWithoutAscii = (bytes: Uint8Array): boolean => {
  const runs =
    Buffer.from(bytes)
      .toString("latin1")
      .match(/[A-Za-z\x80-\xff]+/g) ?? []
  const high = runs.filter((run) => /[\x80-\xff]/.test(run))
  return high.every((run) => !/[A-Za-z]/.test(run)) && high.some((run) => run.length > 1)
}

/**
 * The encoding of texts whose words are not written in Latin letters; `undefined` where a word mixes them with ASCII letters, or where
 * the letters of Western languages are likelier.
 */
export const scriptEncoding = (texts: ReadonlyArray<Uint8Array>): string | undefined => {
  if (texts.length === 0 || !texts.every(isWithoutAscii)) return undefined
  const letters = texts.reduce((sum, bytes) => sum + bytes.filter((byte) => byte >= 0x80).length, 0)
  const costs = readings.map((reading) => ({
    label: reading.label,
    cost: texts.reduce((sum, bytes) => sum + costOf(reading, bytes), reading.rarity)
  }))
  const best = costs.reduce((best, next) => (next.cost < best.cost ? next : best))
  return best.cost < WESTERN * letters ? best.label : undefined
}
