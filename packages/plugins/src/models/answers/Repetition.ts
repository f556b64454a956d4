/** Words, and for scripts without spaces characters, with the places where each begins. */
const units = (text: string): ReadonlyArray<{ readonly word: string; readonly at: number }> =>
  [...text.matchAll(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}']+/gu)].map((match) => ({
    word: match[0].toLowerCase(),
    at: match.index
  }))

const longestUnit = 60

/** Where a stretch of so many words, that comes again and again up to the end, comes for the second time. */
const loopFrom = (words: ReadonlyArray<string>, length: number): number | undefined => {
  let start = words.length
  while (start - 1 - length >= 0 && words[start - 1] === words[start - 1 - length]) start -= 1
  const repeated = words.length - start
  // Twice may be style; a short phrase needs more proof than a long sentence.
  const times = Math.floor(repeated / length) + 1
  return times >= (length >= 8 ? 3 : length >= 3 ? 4 : 6) ? start : undefined
}

/**
 * Where a text begins to go round in circles, as an index into it: the first copy stays before it. Models that lose the thread repeat
 * a phrase until the answer's length is used up, so the circle reaches the end; its last copy, even its last word, may be cut short.
 */
export const find = (text: string): number | undefined => {
  const found = units(text)
  const words = found.map(({ word }) => word)
  const from = Math.min(circle(words), circle(words.slice(0, -1)))
  return found[from]?.at
}

/** The word where the earliest circle begins for the second time; infinity without one. */
const circle = (words: ReadonlyArray<string>): number => {
  let from = Infinity
  for (let length = 1; length <= Math.min(longestUnit, words.length >> 1); length++)
    from = Math.min(from, loopFrom(words, length) ?? Infinity)
  return from
}

/** The text up to where it begins to repeat itself. */
export const trim = (text: string): string => {
  const at = find(text)
  return at === undefined ? text : text.slice(0, at).replace(/[\s,;:–-]+$/u, "")
}
