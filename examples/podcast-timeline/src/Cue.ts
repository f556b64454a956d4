import type { CaptionSegment } from "@mediaspool/plugins"

/** `00:01:02.500` */
export const clock = (seconds: number): string => {
  const millis = Math.round(seconds * 1000)
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0")
  return `${two(millis / 3_600_000)}:${two((millis / 60_000) % 60)}:${two((millis / 1000) % 60)}.${String(millis % 1000).padStart(3, "0")}`
}

/** A model's words are text: nothing in them is markup, an arrow, or the end of the cue. */
const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const wrap = (text: string, length: number): string => {
  const lines: Array<string> = []
  for (const word of text.split(/\s+/).filter((word) => word !== "")) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= length) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map(escape).join("\n")
}

/** One cue: its time, and its text in lines. */
export const write = ({ endSeconds, startSeconds, text }: CaptionSegment, lineLength: number): string =>
  `${clock(startSeconds)} --> ${clock(endSeconds)}\n${wrap(text, lineLength)}`
