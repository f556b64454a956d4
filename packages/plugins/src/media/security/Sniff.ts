import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { type RawSamples, rawSamples } from "./RawSamples.js"

/** What a look at the first and last bytes says of a file, before any decoder sees it. */
export interface Sniffed {
  /** Bytes */
  readonly size: number
  /** Why it needs no second look. */
  readonly refusal?: { readonly code: Refusal; readonly detail: string } | undefined
  /** It begins as a container that the engine reads: if it doesn't open, it is damaged. */
  readonly known: boolean
  /** It may be DTS in a WAV, which only a look at many packets tells from PCM. */
  readonly disguised: boolean
  /** FFmpeg's name of the container, where its first bytes say that its streams may show late. */
  readonly container?: "mpegts" | "mpeg" | "flv" | "matroska" | undefined
  /** Its header doesn't tell its length: recordings stand behind each other in it, or it is written in fragments. */
  readonly untold: boolean
  /** A WAV whose samples begin with their highest byte. */
  readonly bigEndian: boolean
  /** Its samples, where they must be read as they are: the header was never completed. */
  readonly raw?: RawSamples | undefined
  /** Where the links of a chained Ogg, or the parts of a joined Matroska, begin, in bytes; absent where there is but one. */
  readonly links?: ReadonlyArray<number> | undefined
}
export type Refusal = "EmptyFile" | "NotMedia" | "PlaylistRefused" | "Truncated" | "Unreadable"

/** How texts begin that make a player open other files or addresses. Lower case, without leading white space. */
const openings: ReadonlyArray<readonly [name: string, start: RegExp]> = [
  ["an M3U or HLS playlist", /^#extm3u/],
  ["an ffconcat script", /^ffconcat version/],
  ["a PLS playlist", /^\[playlist\]/],
  ["an ASX playlist", /^(<\?xml[^>]*>\s*)?<asx\b/],
  ["an XSPF playlist", /^(<\?xml[^>]*>\s*)?<playlist\b/],
  ["a SMIL playlist", /^(<\?xml[^>]*>\s*)?<smil\b/],
  ["a DASH manifest", /^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)*<mpd\b/],
  ["a Smooth Streaming manifest", /^(<\?xml[^>]*>\s*)?<smoothstreamingmedia\b/],
  ["a session description (SDP)", /^v=0\r?\no=/],
  ["a stream reference", /^(rtsptext|\[reference\]|(rtsp|mms|https?):\/\/\S+\s*$)/]
]

const text = (head: Buffer): string => {
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString("utf16le")
  if (head[0] === 0xfe && head[1] === 0xff)
    return Buffer.from(head.subarray(0, head.length & ~1))
      .swap16()
      .toString("utf16le")
  return head.toString("latin1").replace(/^\xef\xbb\xbf/, "")
}

/** What kind of playlist the content begins as; `undefined` when it is none. Players follow these whatever the file's name says. */
export const playlistIn = (head: Buffer): string | undefined => {
  const beginning = text(head.subarray(0, 4096))
    .replace(/^[\s\0\ufeff]+/, "")
    .toLowerCase()
  return openings.find(([, start]) => start.test(beginning))?.[0]
}

const HEAD = 16_384
const TAIL = 65_536

const at = (bytes: Buffer, offset: number, text: string): boolean =>
  bytes.subarray(offset, offset + text.length).toString("latin1") === text

/** How a WAV or AVI begins, with its sizes in 32 or 64 bits, of either byte order. */
const isRiff = (head: Buffer): boolean => ["RIFF", "RIFX", "RF64", "BW64"].some((mark) => at(head, 0, mark))

/** How the containers begin that have a mark of their own. */
const known = (head: Buffer): boolean =>
  isRiff(head) ||
  at(head, 0, "riff") ||
  at(head, 0, "fLaC") ||
  at(head, 0, "OggS") ||
  at(head, 0, "ID3") ||
  at(head, 4, "ftyp") ||
  at(head, 4, "moov") ||
  at(head, 0, "FORM") ||
  at(head, 0, "#!AMR") ||
  at(head, 0, "FLV") ||
  at(head, 0, ".snd") ||
  at(head, 0, "caff") ||
  at(head, 0, "\x1a\x45\xdf\xa3") ||
  at(head, 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11") ||
  (head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0)

/** The sync words of DTS: 16 and 14 bits, both byte orders. */
const dts = [0x7ffe8001, 0xfe7f0180, 0x1fffe800, 0xff1f00e8].map((word) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(word)
  return bytes
})

/**
 * From this size on, a header says nothing: recorders that can't go back to complete it write 0, the highest number, or (sox) the
 * largest that fits into 31 bits.
 */
const UNKNOWN = 0x7fff_0000

/** Bytes that a RIFF file lacks of what its header says. */
const riffLacks = (head: Buffer, size: number): number => {
  if (head.length < 12 || !(at(head, 0, "RIFF") || at(head, 0, "RIFX"))) return 0
  const said = at(head, 0, "RIFX") ? head.readUInt32BE(4) : head.readUInt32LE(4)
  return said === 0 || said >= UNKNOWN ? 0 : Math.max(0, said + 8 - size)
}

/** From this size on, an AIFF's header says nothing: what sox writes into a pipe. */
const ENDLESS_AIFF = 0x7f00_0000

/** Whether the header of an AIFF was never completed. */
const isEndlessAiff = (head: Buffer, size: number): boolean =>
  at(head, 0, "FORM") && head.length >= 12 && head.readUInt32BE(4) >= ENDLESS_AIFF && size < ENDLESS_AIFF

/** Bytes that the last page of an Ogg file lacks. */
const oggLacks = (head: Buffer, tail: Buffer): number => {
  if (!at(head, 0, "OggS")) return 0
  const page = tail.lastIndexOf("OggS", undefined, "latin1")
  if (page < 0 || tail[page + 4] !== 0) return 0
  const segments = tail[page + 26]
  if (segments === undefined || page + 27 + segments > tail.length) return 1
  let length = 27 + segments
  for (let i = 0; i < segments; i++) length += tail[page + 27 + i] ?? 0
  return Math.max(0, page + length - tail.length)
}

/** Letters, digits and punctuation only: no container of sound or pictures is written so. */
const isText = (head: Buffer): boolean => {
  if (head.length === 0) return false
  for (const byte of head) if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f) return false
  return true
}

const read = (file: number, length: number, position: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, position))
}

/** Bytes that are read at a time on the way through a file. */
const CHUNK = 1_048_576

/** Links of a chained Ogg that are told apart; an internet radio's recording has some dozens. */
const LINKS = 10_000

/** Where the links of an Ogg begin: each with its streams' first pages, after others that had begun to sound. */
const linksOf = (file: number, size: number): ReadonlyArray<number> => {
  const links = [0]
  let sounds = false
  let start = 0
  while (start + 27 < size && links.length < LINKS) {
    const chunk = read(file, CHUNK, start)
    let offset = 0
    while (offset + 27 <= chunk.length) {
      if (!at(chunk, offset, "OggS")) {
        const next = chunk.indexOf("OggS", offset + 1, "latin1")
        offset = next < 0 ? chunk.length : next
        continue
      }
      const segments = chunk[offset + 26] ?? 0
      if (offset + 27 + segments > chunk.length) break
      const begins = ((chunk[offset + 5] ?? 0) & 2) !== 0
      if (begins && sounds) links.push(start + offset)
      sounds = !begins
      const lacing = chunk.subarray(offset + 27, offset + 27 + segments)
      offset += 27 + segments + lacing.reduce((sum, bytes) => sum + bytes, 0)
    }
    start += Math.max(offset, 1)
  }
  return links
}

/** Boxes at the top of an MP4 that are looked through for its first fragment. */
const BOXES = 16

/** Whether an MP4 is written in fragments: its header says where it would end had it begun at zero. */
const isFragmented = (file: number, size: number): boolean => {
  let start = 0
  for (let n = 0; n < BOXES && start + 16 <= size; n++) {
    const box = read(file, 16, start)
    if (n === 0 && !["ftyp", "styp", "moov"].some((type) => at(box, 4, type))) return false
    if (at(box, 4, "moof")) return true
    if (at(box, 4, "mdat")) return false
    const length = box.readUInt32BE(0)
    const full = length === 1 ? Number(box.readBigUInt64BE(8)) : length
    if (full < 8) return false
    start += full
  }
  return false
}

const EBML = Buffer.from("1a45dfa3", "hex")
const SEGMENT = Buffer.from("18538067", "hex")

/** The number of an EBML element's size, and the bytes that it takes; `undefined` for a size that was left open. */
const elementSize = (bytes: Buffer, offset: number): { readonly value: number | undefined; readonly length: number } => {
  const first = bytes[offset] ?? 0
  const length = Math.clz32(first) - 23
  if (length > 8 || offset + length > bytes.length) return { value: undefined, length: 1 }
  let value = first & ((1 << (8 - length)) - 1)
  let open = value === (1 << (8 - length)) - 1
  for (let i = 1; i < length; i++) {
    const byte = bytes[offset + i] ?? 0
    open &&= byte === 0xff
    value = value * 256 + byte
  }
  return { value: open ? undefined : value, length }
}

/** Where the first segment of a Matroska or WebM ends, in bytes; `Infinity` where its size was left open. */
const firstEnd = (head: Buffer): number | undefined => {
  if (!head.subarray(0, 4).equals(EBML)) return undefined
  const own = elementSize(head, 4)
  const segment = 4 + own.length + (own.value ?? 0)
  if (!head.subarray(segment, segment + 4).equals(SEGMENT)) return undefined
  const { length, value } = elementSize(head, segment + 4)
  return value === undefined ? Infinity : segment + 4 + length + value
}

/** Whether a Matroska or WebM was written by a recorder that couldn't go back. */
const isOpen = (head: Buffer): boolean => firstEnd(head) === Infinity

/** Whether a Matroska or WebM may go on after its first segment. */
const isContinued = (file: number, head: Buffer, size: number): boolean => {
  const end = firstEnd(head)
  return end !== undefined && (end === Infinity || (end + 4 < size && read(file, 4, end).equals(EBML)))
}

/** The header of a Matroska: its kind stands within the first bytes. */
const isHeader = (bytes: Buffer): boolean =>
  bytes.subarray(0, EBML.length).equals(EBML) && /matroska|webm/.test(bytes.toString("latin1", EBML.length, HEADER))

/** Bytes in which a Matroska's header says what it is. */
const HEADER = 64

/** Where the recordings begin that stand behind each other in a Matroska: libav goes on once, and no further. */
const segmentsOf = (file: number, size: number): ReadonlyArray<number> => {
  const segments: Array<number> = []
  for (let start = 0; start < size && segments.length < LINKS; start += CHUNK) {
    // A header may stand across two pieces.
    const piece = read(file, CHUNK + HEADER, start)
    for (let at = piece.indexOf(EBML); at >= 0 && at < CHUNK; at = piece.indexOf(EBML, at + 1))
      if (isHeader(piece.subarray(at, at + HEADER))) segments.push(start + at)
  }
  return segments
}

/** Bytes of a packet of a transport stream, and of one that has a time of arrival in front. */
const TS = 188
const TIMED_TS = 192

const lateContainer = (head: Buffer): Sniffed["container"] => {
  const synced = (first: number, step: number) => [0, 1, 2, 3].every((n) => head[first + n * step] === 0x47)
  if (synced(0, TS) || synced(4, TIMED_TS)) return "mpegts"
  if (at(head, 0, "\x00\x00\x01\xba")) return "mpeg"
  if (head.subarray(0, EBML.length).equals(EBML)) return "matroska"
  return at(head, 0, "FLV") ? "flv" : undefined
}

const look = (file: number): Sniffed => {
  const stat = fstatSync(file)
  const { size } = stat
  const refused = (code: Refusal, detail: string): Sniffed => ({
    size,
    refusal: { code, detail },
    known: false,
    disguised: false,
    untold: false,
    bigEndian: false
  })
  if (!stat.isFile()) return refused("NotMedia", "it is no regular file")
  if (size === 0) return refused("EmptyFile", "the file has no bytes")
  const head = read(file, HEAD, 0)
  const playlist = playlistIn(head)
  if (playlist !== undefined) return refused("PlaylistRefused", `the content is ${playlist}`)
  if (isText(head) && !at(head, 0, "#!AMR")) return refused("NotMedia", "the content is text")
  const lacks = riffLacks(head, size)
  if (lacks > Math.max(1024, size * 0.01)) return refused("Truncated", `${lacks} bytes of what the header says are missing`)
  if (at(head, 0, "OggS") && oggLacks(head, read(file, TAIL, Math.max(0, size - TAIL))) > 0)
    return refused("Truncated", "the last page of the Ogg stream is incomplete")
  const links = at(head, 0, "OggS") ? linksOf(file, size) : isContinued(file, head, size) ? segmentsOf(file, size) : []
  const raw = rawSamples(head, size, (length, position) => read(file, length, position))
  return {
    size,
    known: known(head),
    disguised: at(head, 0, "RIFF") && dts.some((word) => head.includes(word)),
    container: lateContainer(head),
    untold: links.length > 1 || isEndlessAiff(head, size) || isOpen(head) || isFragmented(file, size),
    bigEndian: at(head, 0, "RIFX"),
    ...(raw === undefined ? {} : { raw }),
    ...(links.length > 1 ? { links } : {})
  }
}

/**
 * Looks at a file without following a link or waiting for a pipe's other end. Synchronous: some 50 µs.
 *
 * @param path as Node's `fs` takes it
 */
export const sniff = (path: string | Buffer): Sniffed => {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0))
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
    const detail = code === "ELOOP" ? "it is a link, and links are not followed" : `it can't be opened (${code})`
    return { size: 0, refusal: { code: "Unreadable", detail }, known: false, disguised: false, untold: false, bigEndian: false }
  }
  try {
    return look(file)
  } catch (cause) {
    const detail = `it can't be read (${cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)})`
    return { size: 0, refusal: { code: "Unreadable", detail }, known: false, disguised: false, untold: false, bigEndian: false }
  } finally {
    closeSync(file)
  }
}
