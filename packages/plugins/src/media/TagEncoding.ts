/**
 * Finds out how the tags of a file are encoded. ID3v1, RIFF INFO, AVI, AIFF and bext declare no encoding, and Vorbis comments and
 * Latin-1 frames of ID3v2 are often written in another one than the format says. Loaded by the node-av child: imports nothing.
 */

interface Encoding {
  /** As `TextDecoder` knows it. */
  readonly label: string
  /** How well a non-ASCII character of a decoded word fits what people write with this encoding, from 0 to 1. */
  readonly fit: (word: string, bytes: Uint8Array) => number
}

const nonAscii = /[^\x00-\x7f]/u

/** A word's letters are in one case, or only the first is a capital; `McÖ` is not excluded by its ASCII part. */
const isNaturalCase = (word: string): boolean =>
  word === word.toLowerCase() || word === word.toUpperCase() || word.slice(1) === word.slice(1).toLowerCase()

const share = (text: string, pattern: RegExp): number => {
  const characters = Array.from(text).filter((character) => nonAscii.test(character))
  return characters.filter((character) => pattern.test(character)).length / Math.max(1, characters.length)
}

/** Latin words have ASCII letters too, and rarely more than two others in a row. */
const latin =
  (letters: RegExp, row: number) =>
  (word: string): number => {
    const run = Math.max(0, ...(word.match(/[^\x00-\x7f]+/gu) ?? []).map((part) => part.length))
    const odd = run > row || (word.length > 3 && (word.match(/[a-z]/giu) ?? []).length === 0)
    return share(word, letters) * (odd ? 0.3 : 1) * (isNaturalCase(word) ? 1 : 0.4)
  }

const vowel = /[аеёиоуыэюяєіїαεηιουωάέήίόύώϊϋ]/iu

/** A word of another alphabet has no ASCII letters, and a vowel. */
const alphabet =
  (letters: RegExp) =>
  (word: string): number =>
    share(word, letters) *
    (/[a-z]/iu.test(word) ? 0.2 : 1) *
    (isNaturalCase(word) ? 1 : 0.2) *
    (word.length === 1 ? 0.5 : word.length > 2 && !vowel.test(word) ? 0.3 : 1)

/** Two-byte encodings put their frequent characters first: the share of lead bytes in that range. */
const frequent =
  (first: number, last: number, letters: RegExp) =>
  (word: string, bytes: Uint8Array): number => {
    let [leads, common] = [0, 0]
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0
      if (byte < 0x80) continue
      leads += 1
      if (byte >= first && byte <= last) common += 1
      i += 1
    }
    return share(word, letters) * (leads === 0 ? 0 : common / leads) * (/[a-z]/iu.test(word) ? 0.5 : 1)
  }

const japanese = (word: string): number =>
  share(word, /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々〆、。「」・]/u) *
  (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(word) ? 1 : 0.7) *
  // Half-width kana are what any single-byte text looks like.
  (1 - share(word, /[\uff61-\uff9f]/u) * 0.7)

const chinese = frequent(0xb0, 0xd7, /\p{Script=Han}/u)
const korean = frequent(0xb0, 0xc8, /\p{Script=Hangul}/u)
const traditional = frequent(0xa4, 0xc6, /\p{Script=Han}/u)
const western = latin(/[À-ÖØ-öø-ÿŠšŽžŒœŸ]/u, 2)
const central = latin(/[Á-ÖØ-öø-ýŁłĄąĘęŚśŹźŻżĆćŃńŠšŤťŽžŐőŰűŘřĚěŮůČčĎďŇň]/u, 4)
const cyrillic = alphabet(/[А-яЁё]/u)
const greek = alphabet(/[Ά-ώ]/u)

/** In the order in which equals are taken. */
const encodings: ReadonlyArray<Encoding> = [
  // Czech taken for Western has an ø beside letters that Danish lacks.
  { label: "windows-1252", fit: (word) => western(word) * (/ø/iu.test(word) && /[áíýìùè]/iu.test(word) ? 0.8 : 1) },
  { label: "windows-1251", fit: alphabet(/[А-яЁёЄєІіЇїҐґЎў]/u) },
  { label: "koi8-r", fit: (word) => 0.95 * cyrillic(word) },
  { label: "windows-1253", fit: (word) => 0.9 * greek(word) },
  { label: "shift_jis", fit: japanese },
  { label: "euc-jp", fit: japanese },
  { label: "gb18030", fit: (word, bytes) => 0.95 * chinese(word, bytes) },
  // Frequent syllables share their bytes with frequent Chinese characters, which are spread wider.
  { label: "euc-kr", fit: (word, bytes) => (bytes.length > 3 ? 0.97 : 0.94) * korean(word, bytes) },
  { label: "big5", fit: (word, bytes) => 0.95 * traditional(word, bytes) },
  { label: "windows-1250", fit: (word) => 0.96 * central(word) }
]

/** Programs on a Mac wrote AIFF in its own code page: letters lie where Windows has signs. */
const macintosh: Encoding = { label: "macintosh", fit: (word) => 0.99 * western(word) }

const decoded = (bytes: Uint8Array, label: string): string | undefined => {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const utf8 = (bytes: Uint8Array): string | undefined => decoded(bytes, "utf-8")

/** Pieces between ASCII characters that are no letters: what a person would call words, as bytes. */
const words = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const found: Array<Uint8Array> = []
  let start = 0
  for (let i = 0; i <= bytes.length; i++) {
    const byte = bytes[i] ?? 0x20
    // Above 0x3f an ASCII byte may be the second half of a character.
    if (byte >= 0x40 || i < start) continue
    if (i > start) found.push(bytes.subarray(start, i))
    start = i + 1
  }
  return found.filter((word) => word.some((byte) => byte >= 0x80))
}

const score = ({ fit, label }: Encoding, texts: ReadonlyArray<Uint8Array>): number => {
  let [sum, weight] = [0, 0]
  for (const bytes of texts.flatMap(words)) {
    const word = decoded(bytes, label)
    if (word === undefined || /[\p{Cc}\p{Co}\p{Cn}\ufffd]/u.test(word)) return 0
    const torn = /\p{L}[\u2018-\u203a\u00ab\u00bb\u00bf\u00a1\u00b7]+\p{L}/u.test(word.replace(/[A-Za-z]’[A-Za-z]/g, ""))
      ? 0.3
      : 1
    for (const part of word.match(/[\p{L}\p{M}ー々\uff61-\uff9f]+|[^\x00-\x7f]/gu) ?? []) {
      const characters = Array.from(part).filter((character) => nonAscii.test(character)).length
      // A dash or a quotation mark says nothing; any other sign doesn't belong to a title.
      if (
        characters === 0 ||
        /^[\u2010-\u203a\u00a0\u00ab\u00bb\u00bf\u00a1\u00b7\u00a9\u00ae\u00b0\u3000-\u3011\uff01-\uff5e]$/u.test(part)
      )
        continue
      weight += characters
      sum += /^\p{L}/u.test(part) ? characters * torn * fit(part, bytes) : 0
    }
  }
  return weight === 0 ? 0.5 : sum / weight
}

/**
 * The texts of one file's tags. What is valid UTF-8 is UTF-8; the rest is decoded by the one encoding that fits all of it best.
 * Never fails: what fits nothing is Latin-1.
 *
 * @param container its name in FFmpeg
 */
export const decode = (texts: ReadonlyArray<Uint8Array>, container = ""): ReadonlyArray<string> => {
  const legacy = texts.filter((bytes) => utf8(bytes) === undefined)
  if (legacy.length === 0) return texts.map((bytes) => utf8(bytes) ?? "")
  const candidates = container === "aiff" ? [macintosh, ...encodings] : encodings
  const scored = candidates.map((encoding) => ({ label: encoding.label, score: score(encoding, legacy) }))
  const best = scored.reduce((best, next) => (next.score > best.score ? next : best))
  const label = best.score > 0 ? best.label : "windows-1252"
  return texts.map((bytes) => utf8(bytes) ?? decoded(bytes, label) ?? new TextDecoder("windows-1252").decode(bytes))
}

/** How sure another encoding must be before a text that could be Latin-1 is taken for it. */
const SURE = 0.8

/**
 * Texts that a library took for Latin-1, in the encoding that they have: `Ïðèâåò` is `Привет`, `FÃ¼r` is `Für`. A text that reads as
 * Latin-1, or that Latin-1 can't hold, is left alone.
 */
export const repair = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const isSuspect = (text: string) => /[\x80-\xff]/.test(text) && /^[\x00-\xff]*$/.test(text)
  const suspects = texts.filter(isSuspect).map((text) => Buffer.from(text, "latin1"))
  if (suspects.length === 0) return texts
  const legacy = suspects.filter((bytes) => utf8(bytes) === undefined)
  const [latin1 = 0, ...others] = encodings.map((encoding) => score(encoding, legacy))
  const isOther = latin1 < 0.5 && Math.max(...others) >= SURE
  return texts.map((text) => {
    if (!isSuspect(text)) return text
    const bytes = Buffer.from(text, "latin1")
    const double = utf8(bytes)
    if (double !== undefined) return double
    return isOther ? (decode([bytes, ...legacy])[0] ?? text) : text
  })
}
