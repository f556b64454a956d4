import { RawPath } from "@mediaspool/core"

/** Markup whose texts are escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | ReadonlyArray<Html>

/** Names and captions come from outside: marks become text, and what would turn or hide the rest is shown by its number. */
const escaped = (text: string): string =>
  RawPath.display(text.replace(/\s+/gu, " ")).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const write = (part: Part): string =>
  part instanceof Html ? part.text : Array.isArray(part) ? part.map(write).join("") : escaped(String(part))

/** Markup with values in it; what isn't markup itself is escaped. */
export const html = (pieces: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Html =>
  new Html(pieces.map((piece, i) => piece + (i < parts.length ? write(parts[i] ?? "") : "")).join(""))
