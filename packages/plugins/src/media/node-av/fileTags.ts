import type { FormatContext } from "node-av/lib"
import * as TagEncoding from "../TagEncoding.js"
import { rawTags } from "./rawTags.js"

/** A tag is text from a stranger: this much of it, in characters, is kept. */
export const LONGEST_TAG = 4096
const MOST_TAGS = 200

/** The tags of a file as text, whatever they were written in. */
export const fileTags = (context: FormatContext, container: string): Record<string, string> => {
  // Ogg keeps the tags of the file with its stream.
  const own = container === "ogg" ? context.streams[0]?.metadata : undefined
  const dictionaries = [own, context.metadata].filter((tags) => tags !== null && tags !== undefined)
  const found = new Map(
    dictionaries.flatMap((dictionary) => Object.entries(dictionary.getAll())).map(([name, value]) => [name.toLowerCase(), value])
  )
  const tags = [...found].slice(0, MOST_TAGS)
  const values = tags.map(([, value]) => value)
  const raw = values.some((value) => value.includes("\ufffd"))
    ? new Map(dictionaries.flatMap((dictionary) => [...rawTags(dictionary)]))
    : undefined
  const texts =
    raw === undefined
      ? TagEncoding.repair(values)
      : TagEncoding.decode(
          tags.map(([name, value]) => raw.get(name) ?? Buffer.from(value)),
          container
        )
  return Object.fromEntries(tags.map(([name], i) => [name.slice(0, LONGEST_TAG), (texts[i] ?? "").slice(0, LONGEST_TAG)]))
}
