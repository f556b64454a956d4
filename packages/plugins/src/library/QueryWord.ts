import type { QueryFault } from "./SearchError.js"

const word = /(-?)(?:([\p{L}][\p{L}\p{N}_-]*):(?!\/\/)(?=\S))?(?:["“”]([^"“”]*)(["“”]?)|「([^」]*)(」?)|(\S+))(\*?)/uy

/** A word of a query, and where it stands in what was typed. */
export interface Word {
  readonly start: number
  readonly end: number
  readonly excluded: boolean
  readonly name: string | undefined
  readonly value: string
  /** Where the value begins, with its quote. */
  readonly valueStart: number
  readonly prefix: boolean
  readonly quoted: boolean
  /** Whether a quote was opened and not closed. */
  readonly open: boolean
}

/** The words of a query; what stands between quotes is one. */
export const words = (text: string): ReadonlyArray<Word> => {
  const found: Array<Word> = []
  for (let at = 0; ; at = word.lastIndex) {
    word.lastIndex = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0)
    const start = word.lastIndex
    const match = word.exec(text)
    if (match === null) return found
    const [all, minus = "", name, quoted, closed, cornered, cornerClosed, bare, star] = match
    found.push({
      start,
      end: start + all.length,
      excluded: minus === "-",
      name: name?.toLowerCase(),
      value: quoted ?? cornered ?? bare?.replace(/\*+$/, "") ?? "",
      valueStart: start + minus.length + (name === undefined ? 0 : name.length + 1),
      prefix: bare === undefined ? star === "*" : /\*+$/.test(bare),
      quoted: bare === undefined,
      open: (quoted !== undefined && closed === "") || (cornered !== undefined && cornerClosed === "")
    })
  }
}

/** What is wrong with a word: with the field that it names, or with its value. */
export const fault = (
  { end, name, valueStart, start }: Word,
  code: QueryFault["code"],
  message: string,
  where: "field" | "value",
  meant?: string
): QueryFault => {
  const from = where === "field" && name !== undefined ? valueStart - name.length - 1 : name === undefined ? start : valueStart
  return { code, message, start: from, end: where === "field" && name !== undefined ? valueStart - 1 : end, meant }
}
