import { boxes, find } from "../security/EditLists.js"
import type { ReadBytes } from "../security/FileBytes.js"

/** libav's names for those of 3GPP (TS 26.244, 8.2). */
const names: Readonly<Record<string, string>> = {
  titl: "title",
  perf: "artist",
  auth: "author",
  albm: "album",
  gnre: "genre",
  dscp: "description",
  cprt: "copyright"
}

/** Bytes of a box before its text: version, flags and language. */
const HEAD = 6
const LONGEST = 4096

/** UTF-8, or UTF-16 where it begins with its mark; up to the first character of 0. */
const textOf = (bytes: Buffer): string => {
  const isWide = bytes[0] === 0xfe && bytes[1] === 0xff
  const text = isWide
    ? Buffer.from(bytes.subarray(2, bytes.length & ~1))
        .swap16()
        .toString("utf16le")
    : bytes.toString("utf8")
  return text.split("\0")[0] ?? ""
}

/** The tags of a phone's recording, which libav doesn't read. */
export const mobileTags = (read: ReadBytes, head: Buffer, size: number): Readonly<Record<string, string>> | undefined => {
  if (head.toString("latin1", 4, 8) !== "ftyp") return undefined
  const movie = find(read, { type: "", start: 0, end: size }, "moov")
  const found: Record<string, string> = {}
  // Editors may add one of their own.
  const users = movie === undefined ? [] : [...boxes(read, movie.start, movie.end)].filter(({ type }) => type === "udta")
  for (const box of users.flatMap(({ end, start }) => [...boxes(read, start, end)])) {
    const name = names[box.type]
    const bytes = Math.min(LONGEST, box.end - box.start - HEAD)
    const text = name === undefined || bytes <= 0 ? "" : textOf(read(bytes, box.start + HEAD))
    if (name !== undefined && text !== "") found[name] = text
  }
  return found
}
