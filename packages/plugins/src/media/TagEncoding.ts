import { latinEncoding } from "./encoding/latinEncoding.js"
import { scriptEncoding } from "./encoding/scriptEncoding.js"
import { windows1252 } from "./encoding/windows1252.js"

/**
 * Finds out how the tags of a file are encoded. ID3v1, RIFF INFO, AVI, AIFF and bext declare no encoding, and Vorbis comments and
 * Latin-1 frames of ID3v2 are often written in another one than the format says. Loaded by the node-av child: imports no library.
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
    const odd = run > row || (word.length > 1 && !/[a-z]/iu.test(word))
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

/** Two-byte encodings put their frequent characters first: the share of lead bytes in that range, before a byte from `least` on. */
const frequent =
  (first: number, last: number, least: number, letters: RegExp) =>
  (word: string, bytes: Uint8Array): number => {
    let [leads, common] = [0, 0]
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0
      if (byte < 0x80) continue
      leads += 1
      i += 1
      if (byte >= first && byte <= last && (bytes[i] ?? 0) >= least) common += 1
    }
    return share(word, letters) * (leads === 0 ? 0 : common / leads) * (/[a-z]/iu.test(word) ? 0.5 : 1)
  }

/** Without kana a word may be anything's: more so within a Latin word, where `’t` is a character too. */
const japanese = (word: string): number =>
  share(word, /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々〆、。「」・]/u) *
  (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(word) ? 1 : /[a-z]/iu.test(word) ? 0.4 : 0.7) *
  // Half-width kana are what any single-byte text looks like.
  (1 - share(word, /[\uff61-\uff9f]/u) * 0.8)

const chinese = frequent(0xb0, 0xd7, 0xa1, /\p{Script=Han}/u)
const hangul = frequent(0xb0, 0xc8, 0xa1, /\p{Script=Hangul}/u)
const traditional = frequent(0xa4, 0xc6, 0x40, /\p{Script=Han}/u)
/** Syllables that most Korean words have: frequent Chinese characters read as Korean give others. */
const syllables =
  /[가간감강개거건게겨경계고곡공과관교구국그금기김길나날내너녀노눈는늘니다단달당대더도동두드들디라람래러레려로리마만말매머메명모목무문물미민바박밤방배백번별보복봄부북비빛사산살상새생서선성세소속송수순스시신실심아악안야양어언여연영예오온와외요용우운울원월위유으은을음의이인일임자작장재저전정제조종주중지진집차찬창천철청초춘치카코크키타태터토트파편평포표품하학한할함해행향현호화환황회효후희히]/u
const korean = (word: string, bytes: Uint8Array): number =>
  hangul(word, bytes) * (0.7 + 0.3 * Math.min(1, 2 * share(word, syllables)))

/** Icelandic has neither a ü nor a ç beside its own letters, ends no word on a þ and begins none with ÝS: that is Turkish. */
const isTurkish = (word: string): boolean => /[ðþý]/iu.test(word) && /[üç]|þ$|^ý[b-df-hj-np-tv-z]/iu.test(word)
const accented = latin(/[À-ÖØ-öø-ÿŠšŽžŒœŸ]/u, 2)
const icelandic = latin(/[ÁáÆæÐðÉéÍíÓóÖöÚúÝýÞþ]/u, 3)
/** Letters that Western languages don't put beside each other: taken for one of them, Czech and Polish have such. */
const isCentral = (word: string): boolean => /á.*[èìùø]|[èìùø].*[áíý]|èe|œ[lmrwz]|^Ÿ/iu.test(word)
/** Signs of a Mac are letters in windows-1252, of which Western languages have hardly a use. */
const isRare = (word: string): boolean => /[ŠšŽžƒ]/u.test(word)
const western = (word: string): number =>
  (/^[äöü]+$/iu.test(word) ? 1 : Math.max(accented(word), /[þð].*[a-z]/iu.test(word) ? icelandic(word) : 0)) *
  (isTurkish(word) ? 0.7 : 1) *
  (isCentral(word) ? 0.8 : 1) *
  (isRare(word) ? 0.9 : 1)
const turkish = latin(/[ÇçĞğİıÖöŞşÜüÂâÎîÛû]/u, 2)
const central = latin(/[Á-ÖØ-öø-ýŁłĄąĘęŚśŹźŻżĆćŃńŠšŤťŽžŐőŰűŘřĚěŮůČčĎďŇň]/u, 4)
const cyrillic = alphabet(/[А-яЁё]/u)
const greek = alphabet(/[Ά-ώ]/u)

/** In the order in which equals are taken. */
const encodings: ReadonlyArray<Encoding> = [
  { label: "windows-1252", fit: western },
  { label: "windows-1251", fit: alphabet(/[А-яЁёЄєІіЇїҐґЎў]/u) },
  { label: "koi8-r", fit: (word) => 0.95 * cyrillic(word) },
  { label: "windows-1253", fit: (word) => 0.9 * greek(word) },
  { label: "shift_jis", fit: japanese },
  { label: "euc-jp", fit: japanese },
  // Frequent syllables share their bytes with frequent Chinese characters.
  { label: "euc-kr", fit: (word, bytes) => 0.97 * korean(word, bytes) },
  { label: "gb18030", fit: (word, bytes) => 0.86 * chinese(word, bytes) },
  { label: "big5", fit: (word, bytes) => 0.86 * traditional(word, bytes) },
  { label: "windows-1250", fit: (word) => 0.96 * central(word) },
  { label: "windows-1254", fit: (word) => 0.9 * turkish(word) }
]

/** Programs on a Mac wrote AIFF in its own code page: letters lie where Windows has signs. */
const macintosh: Encoding = { label: "macintosh", fit: (word) => 0.99 * western(word) }

const decoded = (bytes: Uint8Array, label: string): string | undefined => {
  if (label === "windows-1252") return windows1252(bytes)
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const utf8 = (bytes: Uint8Array): string | undefined => decoded(bytes, "utf-8")

/** `°C` and `°F`, which would be a character in many a two-byte encoding. */
const isDegrees = (word: Uint8Array): boolean => word.length === 2 && word[0] === 0xb0 && (word[1] === 0x43 || word[1] === 0x46)

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
  return found.filter((word) => word.some((byte) => byte >= 0x80) && !isDegrees(word))
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
        /^[\u2010-\u203a\u00a0\u00ab\u00bb\u00bf\u00a1\u00b7\u00a9\u00ae\u00b0\u00bc-\u00be\u3000-\u3011\uff01-\uff5e]$/u.test(
          part
        )
      )
        continue
      weight += characters
      sum += /^\p{L}/u.test(part) ? characters * torn * fit(part, bytes) : 0
    }
  }
  return weight === 0 ? 0.5 : sum / weight
}

/** What may be another code page with the Latin alphabet. */
const LATIN = new Set(["windows-1252", "windows-1250", "windows-1254"])

/** What Latin-1 fits so well, with letters alone, is in no other alphabet: `ÄÖÜ`. */
const FITTING = 0.8

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
  const latin1 = scored.find(({ label }) => label === "windows-1252")?.score ?? 0
  const isLatin = latin1 >= FITTING && legacy.every((bytes) => !/[^\x00-\x7f\p{L}]/u.test(windows1252(bytes)))
  const script = isLatin ? undefined : scriptEncoding(legacy)
  const latin = LATIN.has(best.label) ? latinEncoding(legacy) : undefined
  const label = script ?? latin ?? (best.score > 0 ? best.label : "windows-1252")
  return texts.map((bytes) => utf8(bytes) ?? decoded(bytes, label) ?? windows1252(bytes))
}

/** How well another encoding must fit before a text is taken for it that Latin-1 fits so well at most. */
const SURE: ReadonlyArray<readonly [latin1: number, other: number]> = [
  [0.3, 0.65],
  [0.5, 0.8],
  [0.81, 0.95]
]

/** What Latin-1 fits no better may be in another alphabet. */
const STRANGE = 0.5
/** Fewer could be anything, and Latin-1 is what the file says. */
const LEAST_LETTERS = 3

const letters = (texts: ReadonlyArray<Uint8Array>): number =>
  texts.reduce((sum, bytes) => sum + bytes.filter((byte) => byte >= 0x80).length, 0)

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
  const best = Math.max(...others)
  const isStrange = latin1 < STRANGE && letters(legacy) >= LEAST_LETTERS
  const isOther =
    SURE.some(([most, least]) => latin1 < most && best >= least) ||
    (isStrange && scriptEncoding(legacy) !== undefined) ||
    latinEncoding(legacy) !== undefined
  return texts.map((text) => {
    if (!isSuspect(text)) return text
    const bytes = Buffer.from(text, "latin1")
    const double = utf8(bytes)
    if (double !== undefined) return double
    return isOther ? (decode([bytes, ...legacy])[0] ?? text) : windows1252(bytes)
  })
}
