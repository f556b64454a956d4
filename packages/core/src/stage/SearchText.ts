/**
 * How text becomes searchable: the same for everything that is indexed (names, titles, captions, tags) and for what is typed.
 *
 * FTS5 takes a run of Chinese, Japanese or Korean for one long word, so such runs are stored as overlapping pairs
 * (城市夜雨 → 城市 市夜 夜雨 雨), and a search for two or more of their characters is a search for a phrase of pairs.
 */

/** Scripts without spaces, searched by pairs of characters: Han, kana, bopomofo, Hangul. First and last code point. */
const bigramScripts: ReadonlyArray<readonly [number, number]> = [
  [0x3005, 0x3007],
  [0x3040, 0x3098],
  [0x309b, 0x318f],
  [0x31a0, 0x31bf],
  [0x31f0, 0x31ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0x20000, 0x323af]
]

const anyBigram = new RegExp(
  `[${bigramScripts.map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`).join("")}]`,
  "u"
)

/** Whether a character is searched by pairs. */
export const isBigramScript = (character: string): boolean => {
  const point = character.codePointAt(0) ?? 0
  return point >= 0x3005 && bigramScripts.some(([first, last]) => point >= first && point <= last)
}

/**
 * Signs that are parts of words in the scripts of India and Sri Lanka (vowels, viramas, nasal marks): left to itself, FTS5 takes them
 * for what stands between words, so that दिन (day), दान (gift) and दीन (poor) are all the letters द and न.
 */
export const signs: string = Array.from({ length: 0x0e00 - 0x0900 }, (_, n) => String.fromCodePoint(0x0900 + n))
  .filter((character) => /\p{M}/u.test(character))
  .join("")

const ascii = /^[\x00-\x7f]*$/

/** Letters that Unicode doesn't take apart, as people type them without the right keyboard. */
const letters: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ħ: "h",
  ı: "i",
  ŧ: "t",
  ς: "σ"
}
const anyLetter = new RegExp(`[${Object.keys(letters).join("")}]`, "g")

/** Accents, niqqud and harakat, the tatweel, and marks that nobody sees: soft hyphen, direction, byte order. */
const marks =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u0640\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/**
 * Lower case; without accents (é, й, ё, ї, ά); compatible forms (ｆｕｌｌ width, ﾊﾝｶｸ, ﬁ) in their plain one; ß, æ, ø, ł, đ and their
 * like as ss, ae, o, l, d.
 */
export const fold = (text: string): string =>
  ascii.test(text)
    ? text.toLowerCase()
    : text
        .normalize("NFKD")
        .replace(marks, "")
        .normalize("NFC")
        .toLowerCase()
        // İ is two characters in lower case.
        .replace(/\u0307/g, "")
        .replace(anyLetter, (letter) => letters[letter] ?? letter)
        .replace(/[\ud800-\udfff]/gu, " ")

/** The text as it is stored in a full-text index: folded, with runs of bigram scripts as pairs. */
export const index = (text: string): string => {
  const folded = fold(text)
  if (!anyBigram.test(folded)) return folded
  const characters = Array.from(folded)
  let result = ""
  for (const [i, character] of characters.entries()) {
    if (!isBigramScript(character)) {
      result += character
      continue
    }
    const next = characters[i + 1] ?? ""
    result += ` ${character}${isBigramScript(next) ? next : ""} `
  }
  return result
}

/** Where a word goes on in another part: doorSlam, HTTPServer, wood01, 120bpm. */
const joint = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u

/**
 * The parts that its words are made of, folded: `door slam wood 01` of `DoorSlam_Wood01`. Empty where no word has parts. They are
 * indexed beside the text, in a column that counts less: a whole word comes first.
 */
export const parts = (text: string): string => {
  const words = text.normalize("NFC").match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const found = words.map((word) => (anyBigram.test(word) ? [word] : word.split(joint)))
  return found.some((of) => of.length > 1) ? index(found.flat().join(" ")) : ""
}

/** A label as it is compared: folded, and its words may be divided by blanks, hyphens or underscores. */
export const term = (text: string): string =>
  fold(text)
    .trim()
    .replace(/[\s_-]+/g, "_")

/** What of a path is searched. */
export interface PathText {
  /** The last name, as it is indexed. */
  readonly name: string
  /** The parts of its words; `null` where none has parts. */
  readonly parts: string | null
  /** The whole path folded; `null` where it is ASCII. */
  readonly path: string | null
}

/**
 * What of a path is searched.
 *
 * @param path a RawPath, with `/` between the segments
 */
export const ofPath = (path: string): PathText => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  const found = parts(name)
  return { name: index(name), parts: found === "" ? null : found, path: ascii.test(path) ? null : fold(path) }
}
