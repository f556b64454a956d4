/** A piece of a query, as it was typed. */
export interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
  /** `emotion:calm`, `-wind`, `"heavy rain"`: shown as a chip. */
  readonly isChip: boolean
}

const piece = /-?(?:[A-Za-z][A-Za-z0-9-]*:)?(?:["“”][^"“”]*["“”]?|「[^」]*」?|\S+)/gu

/** The pieces of a query, from left to right. Only for how it is shown: what it means, the server says. */
export const tokens = (query: string): ReadonlyArray<Token> =>
  [...query.matchAll(piece)].map(({ 0: text, index }) => ({
    text,
    start: index,
    end: index + text.length,
    isChip: /^-?[A-Za-z][A-Za-z0-9-]*:./.test(text)
  }))

/** The query with a piece added, or without it where it is in it. */
export const toggled = (query: string, text: string): string => {
  const found = tokens(query).find((token) => token.text === text)
  if (found === undefined) return query.trim() === "" ? text : `${query.trim()} ${text}`
  return `${query.slice(0, found.start)}${query.slice(found.end)}`.replace(/\s+/g, " ").trim()
}

export const has = (query: string, text: string): boolean => tokens(query).some((token) => token.text === text)

/** The piece that the cursor stands in or behind. */
export const at = (query: string, cursor: number): Token | undefined =>
  tokens(query).find(({ end, start }) => cursor > start && cursor <= end)

/** Whether a field is named and its value not yet: `emotion:` would be a mistake, and is none so far. */
export const isUnfinished = (query: string): boolean => /(?:^|\s)-?[A-Za-z][A-Za-z0-9-]*:$/.test(query)
