import { SearchText } from "@mediaspool/core"

const { fold, isBigramScript, signs } = SearchText

const inWord = new RegExp(`^[\\p{L}\\p{N}\\p{Co}${signs}]$`, "u")

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

/** A character with the marks that belong to it: accents, the voicing of half-width kana, the parts of a Korean syllable. */
const clusters =
  /[\u1100-\u115f\ua960-\ua97f]+[\u1160-\u11ff\ud7b0-\ud7ff]*|[^]?[\p{M}\uff9e\uff9f\u00ad\u200e\u200f\u202a-\u202e]*/gu

/** The words of a text, and each character of bigram scripts by itself. */
export const tokens = (text: string): ReadonlyArray<Token> => {
  const found: Array<Token> = []
  let word = ""
  let start = 0
  let end = 0
  let at = 0
  let run = false
  const close = () => {
    if (word !== "") found.push({ text: word, adjacent: false, start, end })
    word = ""
  }
  const add = (character: string, length: number) => {
    if (isBigramScript(character)) {
      close()
      found.push({ text: character, adjacent: run, start: at, end: at + length })
      run = true
    } else if (inWord.test(character)) {
      if (word === "") start = at
      word += character
      end = at + length
      run = false
    } else {
      close()
      run = false
    }
  }
  for (const [cluster] of text.matchAll(clusters)) {
    for (const character of fold(cluster)) add(character, cluster.length)
    at += cluster.length
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
