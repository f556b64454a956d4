/**
 * How text is made searchable. FTS5 takes a run of Chinese, Japanese or Korean for one long word, so such runs are stored as
 * overlapping pairs (城市夜雨 → 城市 市夜 夜雨 雨), and a search for two or more of their characters is a search for a phrase of pairs.
 */

/** Scripts that are searched by pairs of characters: Han, kana, bopomofo, Hangul. First and last code point; also in `media_name`. */
const bigramScripts: ReadonlyArray<readonly [number, number]> = [
  [0x3005, 0x3007],
  [0x3040, 0x318f],
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

export const isBigramScript = (character: string): boolean => {
  const point = character.codePointAt(0) ?? 0
  return point >= 0x3005 && bigramScripts.some(([first, last]) => point >= first && point <= last)
}

/** SQL that says whether the character `expression` belongs to such a script. */
export const bigramSql = (expression: string): string =>
  `(${bigramScripts.map(([first, last]) => `unicode(${expression}) BETWEEN ${first} AND ${last}`).join(" OR ")})`

const ascii = /^[\x00-\x7f]*$/

/** Lower case, without accents on Latin, Greek and Cyrillic letters, and with compatible forms (ｆｕｌｌ width, ﬁ) taken apart. */
export const fold = (text: string): string =>
  ascii.test(text)
    ? text.toLowerCase()
    : text
        .normalize("NFKD")
        .replace(/[\u0300-\u036f]/g, "")
        .normalize("NFC")
        .toLowerCase()

/** The text as it is stored in the full-text index. */
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

/** One word or character of a text: what a search is compared with. */
export interface Token {
  /** Folded. */
  readonly text: string
  /** Whether it belongs to a bigram script and follows another such character at once. */
  readonly adjacent: boolean
  /** Places in the original text, in UTF-16 units. */
  readonly start: number
  readonly end: number
}

/** The words of a text, and each character of bigram scripts by itself. */
export const tokens = (text: string): ReadonlyArray<Token> => {
  const found: Array<Token> = []
  let word = ""
  let start = 0
  let at = 0
  let run = false
  const close = () => {
    if (word !== "") found.push({ text: word, adjacent: false, start, end: at })
    word = ""
  }
  for (const character of text) {
    const folded = fold(character)
    if (isBigramScript(folded)) {
      close()
      found.push({ text: folded, adjacent: run, start: at, end: at + character.length })
      run = true
    } else if (/^[\p{L}\p{N}\p{Co}]+$/u.test(folded)) {
      if (word === "") start = at
      word += folded
      run = false
    } else if (folded !== "") {
      close()
      run = false
    }
    at += character.length
  }
  close()
  return found
}

/** Words that follow each other. */
export interface Phrase {
  /** Never empty. */
  readonly tokens: ReadonlyArray<Token>
  /** Whether the last word may go on. */
  readonly prefix: boolean
}

/** The phrase that somebody typed; `undefined` when there is nothing in it to look for. */
export const phrase = (text: string, prefix = false): Phrase | undefined => {
  const words = tokens(text)
  return words.length === 0 ? undefined : { tokens: words, prefix }
}

/** The phrase as an FTS5 string, quoted: nothing in it is taken for syntax. */
export const match = ({ prefix, tokens }: Phrase): string => {
  const words: Array<string> = []
  let open = prefix
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1]
    if (next?.adjacent === true) words.push(token.text + next.text)
    else if (next !== undefined || !token.adjacent) {
      words.push(token.text)
      // A single character: the index has it with its neighbour.
      if (next === undefined && isBigramScript(token.text)) open = true
    } else open = false
  }
  return `"${words.join(" ")}"${open ? "*" : ""}`
}

/** Where the phrase stands in a text: places in UTF-16 units, from left to right. */
export const find = (
  { prefix, tokens }: Phrase,
  text: ReadonlyArray<Token>
): ReadonlyArray<{ readonly start: number; readonly end: number }> => {
  const found: Array<{ start: number; end: number }> = []
  const fits = (typed: Token, k: number, word: Token | undefined) =>
    word !== undefined &&
    (k === 0 || typed.adjacent === word.adjacent) &&
    (prefix && k === tokens.length - 1 ? word.text.startsWith(typed.text) : word.text === typed.text)
  for (let i = 0; i + tokens.length <= text.length; i++) {
    const first = text[i]
    const last = text[i + tokens.length - 1]
    if (first !== undefined && last !== undefined && tokens.every((typed, k) => fits(typed, k, text[i + k])))
      found.push({ start: first.start, end: last.end })
  }
  return found
}
