import type { Meaning, Search } from "@mediaspool/plugins"
import { paint } from "../../output/Output.js"
import { position } from "../../output/Quantity.js"
import { inline, place } from "../../output/Text.js"

type Snippet = NonNullable<Search.Found["snippet"]>

/** A stretch of text with the words that were looked for made bold; each part is escaped by itself, so that the marks stay right. */
const marked = ({ marks, text }: Snippet): string => {
  let [line, at] = ["", 0]
  const part = (from: number, to: number) => escaped(text.slice(from, to))
  for (const [start, end] of marks) {
    line += part(at, start) + paint.bold(paint.yellow(part(start, end)))
    at = end
  }
  return line + part(at, text.length)
}

/** As `inline`, but blanks at the ends stay: the parts are put together again. */
const escaped = (text: string): string => {
  const [before = ""] = /^\s*/.exec(text) ?? []
  const [after = ""] = /\s*$/.exec(text) ?? []
  const inner = inline(text)
  return inner === "" ? (text === "" ? "" : " ") : `${before === "" ? "" : " "}${inner}${after === "" ? "" : " "}`
}

const tag = ({ confidence, endSeconds, label, startSeconds, vocabulary }: Search.FoundTag): string => {
  const sure = confidence === undefined ? "" : ` ${Math.round(confidence * 100)} %`
  const where = startSeconds === undefined || endSeconds === undefined ? "" : ` ${position(startSeconds)}–${position(endSeconds)}`
  return `${paint.dim(`${inline(vocabulary)}:`)}${inline(label)}${paint.dim(sure + where)}`
}

/** `meaning 1, words 3`: where it stood in the two searches. */
const because = (reason: Meaning.Reason | undefined): string => {
  if (reason === undefined) return ""
  const { meaning, words } = reason
  const parts = [...(meaning === undefined ? [] : [`meaning ${meaning}`]), ...(words === undefined ? [] : [`words ${words}`])]
  return `  ${parts.join(", ")}`
}

/**
 * A file that was found, for a person: where it is, what is said of it, and when.
 *
 * @param isLikeness whether the score says how like it is, from 0 to 1
 */
export const foundView = (
  {
    copies,
    durationSeconds,
    mediaType,
    missing,
    path,
    reason,
    score,
    segments,
    snippet,
    tags
  }: Search.Found & {
    readonly reason?: Meaning.Reason
  },
  isLikeness = false
): string => {
  const length = durationSeconds === undefined ? "" : `  ${position(durationSeconds)}`
  return [
    `${paint.bold(place(path))}${paint.dim(`${length}  ${mediaType}${isLikeness ? `  ${Math.round(100 * score)} % alike` : ""}${because(reason)}`)}${missing ? paint.yellow("  not there any more") : ""}`,
    ...copies.slice(0, 3).map((copy) => paint.dim(`  same content: ${place(copy)}`)),
    ...(copies.length > 3 ? [paint.dim(`  and ${copies.length - 3} more ${copies.length === 4 ? "copy" : "copies"}`)] : []),
    ...(snippet === undefined ? [] : [`  ${marked(snippet)}`]),
    ...segments
      .slice(0, 3)
      .map((segment) => `  ${paint.dim(`${position(segment.startSeconds)}–${position(segment.endSeconds)}`)} ${marked(segment)}`),
    ...(tags.length === 0 ? [] : [`  ${tags.slice(0, 12).map(tag).join("  ")}`])
  ].join("\n")
}
