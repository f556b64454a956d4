import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"

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

/** How the containers begin that have a mark of their own. */
const known = (head: Buffer): boolean =>
  at(head, 0, "RIFF") ||
  at(head, 0, "RF64") ||
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

/** Bytes that a RIFF file lacks of what its header says. A header that was never completed says 0 or the highest number. */
const riffLacks = (head: Buffer, size: number): number => {
  if (head.length < 12 || !at(head, 0, "RIFF")) return 0
  const said = head.readUInt32LE(4)
  return said === 0 || said >= 0xffff_ff00 ? 0 : Math.max(0, said + 8 - size)
}

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

const look = (file: number): Sniffed => {
  const stat = fstatSync(file)
  const { size } = stat
  const refused = (code: Refusal, detail: string): Sniffed => ({
    size,
    refusal: { code, detail },
    known: false,
    disguised: false
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
  return {
    size,
    known: known(head),
    disguised: at(head, 0, "RIFF") && dts.some((word) => head.includes(word))
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
    return { size: 0, refusal: { code: "Unreadable", detail }, known: false, disguised: false }
  }
  try {
    return look(file)
  } catch (cause) {
    const detail = `it can't be read (${cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)})`
    return { size: 0, refusal: { code: "Unreadable", detail }, known: false, disguised: false }
  } finally {
    closeSync(file)
  }
}
