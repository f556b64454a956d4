import * as Tokenizer from "./Tokenizer.js"

/** A stretch of text with the words that were looked for. */
export interface Snippet {
  readonly text: string
  /** Where they stand in `text`, in UTF-16 units: start and end. */
  readonly marks: ReadonlyArray<readonly [number, number]>
}

/** How many of the phrases a text has, and where. */
export const marksOf = (text: string, phrases: ReadonlyArray<Tokenizer.Phrase>) => {
  const tokens = Tokenizer.tokens(text)
  const found = phrases.map((phrase) => Tokenizer.find(phrase, tokens))
  const marks = found
    .flat()
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .reduce<Array<[number, number]>>((merged, { end, start }) => {
      const last = merged[merged.length - 1]
      if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end)
      else merged.push([start, end])
      return merged
    }, [])
  return { phrases: found.filter((places) => places.length > 0).length, marks }
}

/** A place to cut near `at`: between words, and never within a character. */
const boundary = (text: string, at: number, step: -1 | 1): number => {
  if (at <= 0) return 0
  if (at >= text.length) return text.length
  for (let i = at, n = 0; n < 24 && i > 0 && i < text.length; i += step, n++)
    if (/\s/.test(text[i] ?? "")) return step < 0 ? i + 1 : i
  return /[\udc00-\udfff]/.test(text[at] ?? "") ? at + step : at
}

/** The part of a text, of about `length` characters, around the first words that were looked for; its beginning where there are none. */
export const cut = (text: string, phrases: ReadonlyArray<Tokenizer.Phrase>, length = 160): Snippet => {
  const { marks } = marksOf(text, phrases)
  const first = marks[0]?.[0] ?? 0
  const start = text.length <= length ? 0 : boundary(text, Math.min(first - length / 4, text.length - length), -1)
  const end = text.length <= length ? text.length : boundary(text, start + length, 1)
  const before = start > 0 ? "…" : ""
  const after = end < text.length ? "…" : ""
  const shift = before.length - start
  return {
    text: before + text.slice(start, end) + after,
    marks: marks.filter(([from, to]) => from >= start && to <= end).map(([from, to]) => [from + shift, to + shift] as const)
  }
}
