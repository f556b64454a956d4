import { type Chunk, chunks, layoutOf } from "../security/Chunks.js"
import { at, type ReadBytes } from "../security/FileBytes.js"
import * as TagEncoding from "../TagEncoding.js"

/** Of a chunk's text: more isn't read. */
const LONGEST = 1_048_576

/** What of iXML says what was recorded. */
const recorded = /<(PROJECT|SCENE|TAKE|TAPE|NOTE)>\s*([^<]*?)\s*<\/\1>/g
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

const xmlText = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal?: string, hex?: string, name = "") => {
    const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? parseInt(hex, 16) : undefined
    if (code === undefined) return entities[name] ?? whole
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole
  })

const ixml = (bytes: Buffer): Readonly<Record<string, string>> => {
  const text = at(bytes, 0, "\xff\xfe") ? bytes.toString("utf16le") : bytes.toString("utf8")
  return Object.fromEntries(
    [...text.matchAll(recorded)].flatMap(([, name = "", value = ""]) =>
      value === "" ? [] : [[name.toLowerCase(), xmlText(value)]]
    )
  )
}

/** libav's names for those of RIFF INFO. */
const infoNames: Readonly<Record<string, string>> = {
  INAM: "title",
  IART: "artist",
  IPRD: "album",
  ICMT: "comment",
  ICRD: "date",
  IGNR: "genre",
  ICOP: "copyright",
  ITRK: "track",
  ISFT: "encoder"
}

/** A text that ends where the first byte of 0 is. */
const ended = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0))

const info = (bytes: Buffer): ReadonlyArray<readonly [string, Buffer]> => {
  const found: Array<readonly [string, Buffer]> = []
  for (let position = 4; at(bytes, 0, "INFO") && position + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(position + 4)
    const name = infoNames[bytes.toString("latin1", position, position + 4)]
    if (name !== undefined) found.push([name, ended(bytes.subarray(position + 8, position + 8 + length))])
    position += 8 + length + (length & 1)
  }
  return found
}

const broadcast = (bytes: Buffer): ReadonlyArray<readonly [string, Buffer]> => [
  ["comment", ended(bytes.subarray(0, 256))],
  ["encoded_by", ended(bytes.subarray(256, 288))],
  ["originator_reference", ended(bytes.subarray(288, 320))],
  ["date", ended(bytes.subarray(320, 330))]
]

const text = (read: ReadBytes, chunk: Chunk): Buffer => read(Math.min(Number(chunk.bytes), LONGEST), chunk.at)

/** Tags that libav doesn't read: iXML of a WAV, and all of a Wave64 (`LIST`, `bext`, iXML). */
export const waveTags = (read: ReadBytes, head: Buffer, size: number): Readonly<Record<string, string>> | undefined => {
  const layout = layoutOf(head)
  if (layout === undefined || layout.container === "aiff") return undefined
  if (layout.container === "wav") {
    for (const chunk of chunks(read, layout, size)) if (chunk.id === "iXML") return ixml(text(read, chunk))
    return undefined
  }
  let found: Readonly<Record<string, string>> = {}
  const raw: Array<readonly [string, Buffer]> = []
  for (const chunk of chunks(read, layout, size)) {
    if (chunk.id === "iXML") found = ixml(text(read, chunk))
    if (chunk.id === "list" || chunk.id === "LIST") raw.push(...info(text(read, chunk)))
    if (chunk.id === "bext") raw.push(...broadcast(text(read, chunk)))
  }
  const told = raw.filter(([, bytes]) => bytes.length > 0)
  const texts = TagEncoding.decode(told.map(([, bytes]) => bytes))
  return { ...Object.fromEntries(told.map(([name], n) => [name, texts[n] ?? ""])), ...found }
}
