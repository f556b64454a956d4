import { RawPath } from "@mediaspool/core"
import { stripVTControlCharacters } from "node:util"
import { relative, sep } from "node:path"

/**
 * Words from outside (a caption, a tag, a detail) on one line of a terminal: white space becomes one blank;
 * what would move the cursor, colour, hide or reverse the rest is escaped.
 */
export const inline = (text: string): string => RawPath.display(text.replace(/\s+/gu, " ").trim())

/** The first so many characters, cut between characters as people count them. */
export const shortened = (text: string, length: number): string => {
  if (text.length <= length) return text
  const characters = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text.slice(0, length * 8))]
  return characters.length <= length
    ? text
    : `${characters
        .slice(0, length - 1)
        .map(({ segment }) => segment)
        .join("")}…`
}

/** A path as a person would name it from here: relative below the working folder, absolute elsewhere; safe to show. */
export const place = (path: string, from = process.cwd()): string => {
  const below = relative(from, path)
  return RawPath.display(below === "" || below.startsWith(`..${sep}`) || below === ".." ? path : below)
}

/** How many columns a text takes, marks aside. Close enough for lines that are only cut, never aligned. */
const width = (text: string): number => stripVTControlCharacters(text).length

/** A line that ends where the screen does; marks take no room, and are closed. */
export const fitted = (line: string, columns: number): string => {
  if (width(line) <= columns) return line
  let [left, text] = [columns - 1, ""]
  for (const [part, mark] of line.matchAll(/(\u001b\[[\d;]*m)|[^\u001b]/gu)) {
    if (mark === undefined && left-- <= 0) break
    text += part
  }
  return `${text}…\u001b[0m`
}
