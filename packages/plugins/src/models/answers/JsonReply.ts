/** The places of an answer where JSON may stand: the whole, a fenced block, from the first bracket to its last partner. */
const candidates = function* (text: string): Generator<string> {
  yield text
  for (const [, block] of text.matchAll(/```[a-z]*\s*\n?([\s\S]*?)```/gi)) if (block !== undefined) yield block
  // A fence that never closes: the answer ran out of room.
  const open = /```[a-z]*\s*\n([\s\S]*)$/i.exec(text)?.[1]
  if (open !== undefined) yield open
  for (const [first, last] of [
    ["{", "}"],
    ["[", "]"]
  ] as const) {
    const from = text.indexOf(first)
    const to = text.lastIndexOf(last)
    if (from !== -1 && to > from) yield text.slice(from, to + 1)
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Every object or array that an answer can be read as, the likeliest first. Models put fences and prose around what they were asked for. */
export const values = function* (text: string): Generator<object> {
  for (const candidate of candidates(text.trim())) {
    const value = parse(candidate.trim())
    if (typeof value === "object" && value !== null) yield value
  }
}
