import { closeSync, constants, fstatSync, openSync } from "node:fs"
import { at, type ByteRange, ranges, type ReadBytes, reader } from "./FileBytes.js"
import { demuxerOf } from "./Demuxer.js"
import { type EditLists, editLists } from "./EditLists.js"
import * as FrameChain from "./FrameChain.js"
import { isFreeFormat } from "./freeFormat.js"
import { lacking } from "./lacking.js"
import * as JoinedFiles from "./JoinedFiles.js"
import * as MatroskaSegments from "./MatroskaSegments.js"
import * as OggPages from "./OggPages.js"
import { type RawSamples, rawSamples } from "./RawSamples.js"
import { type OwnTags, ownTags } from "../tags/ownTags.js"
import * as TransportStream from "./TransportStream.js"
import { isUnfinished } from "./unfinished.js"

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
  /** FFmpeg's name of the reader that its first bytes name. */
  readonly demuxer?: string | undefined
  /** FFmpeg's name of the container, where its first bytes say that its streams may show late. */
  readonly container?: "mpegts" | "mpeg" | "flv" | "matroska" | undefined
  /** Its header doesn't tell its length: recordings stand behind each other in it, or it is written in fragments. */
  readonly untold: boolean
  /** A WAV whose samples begin with their highest byte. */
  readonly bigEndian: boolean
  /** Tags that libav doesn't read. */
  readonly tags?: OwnTags | undefined
  /** What its edit lists say. */
  readonly edits?: EditLists | undefined
  /** Its samples, where they must be read without their header. */
  readonly raw?: RawSamples | undefined
  /**
   * The recordings that stand behind each other in it, each a file of its own; or the part of it that is sound, without the bytes of others
   * around. Absent where all of it is one.
   */
  readonly parts?: ReadonlyArray<ByteRange> | undefined
}
export type Refusal = "EmptyFile" | "EngineUnable" | "NotMedia" | "PlaylistRefused" | "Truncated" | "Unreadable"

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

/** Letters, digits and punctuation only: no container of sound or pictures is written so. */
const isText = (head: Buffer): boolean => {
  if (head.length === 0) return false
  for (const byte of head) if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f) return false
  return true
}

/** Boxes at the top of an MP4 that are looked through for its first fragment. */
const BOXES = 16

/** Whether an MP4 is written in fragments: its header says where it would end had it begun at zero. */
const isFragmented = (read: ReadBytes, size: number): boolean => {
  let start = 0
  for (let n = 0; n < BOXES && start + 16 <= size; n++) {
    const box = read(16, start)
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

const lateContainer = (head: Buffer): Sniffed["container"] => {
  if (!["flv", "matroska", undefined].includes(demuxerOf(head))) return undefined
  if (TransportStream.packingOf(head) !== undefined) return "mpegts"
  if (at(head, 0, "\x00\x00\x01\xba")) return "mpeg"
  if (MatroskaSegments.isMatroska(head)) return "matroska"
  return at(head, 0, "FLV") ? "flv" : undefined
}

/** A file that needs no second look. */
const refused = (code: Refusal, detail: string, size = 0): Sniffed => ({
  size,
  refusal: { code, detail },
  known: false,
  disguised: false,
  untold: false,
  bigEndian: false
})

/** How containers begin that have no mark in `known`: frames of sound in them belong to them. */
const others = ["wvpk", "TTA1", "MPCK", "MP+", "MAC ", "DSD ", "DKIF", "Creative", "\x06\x0e\x2b\x34", "\x1f\x07\0", "\0\0\x01"]
const boxes = ["mdat", "wide", "free", "skip", "pnot", "moof", "styp", "sidx"]

const isBare = (head: Buffer): boolean =>
  at(head, 0, "ID3") ||
  head[0] === 0xff ||
  !(
    known(head) ||
    lateContainer(head) !== undefined ||
    others.some((mark) => at(head, 0, mark)) ||
    boxes.some((type) => at(head, 4, type))
  )

/** Where the recordings begin that stand behind each other in a container; one where there is but one. */
const startsOf = (read: ReadBytes, head: Buffer, size: number): ReadonlyArray<number> => {
  if (OggPages.isOgg(head)) return OggPages.links(read, size)
  const packing = lateContainer(head) === "mpegts" ? TransportStream.packingOf(head) : undefined
  if (packing !== undefined) return TransportStream.starts(read, packing, size)
  if (!MatroskaSegments.isMatroska(head)) return JoinedFiles.starts(read, head, size)
  return MatroskaSegments.isContinued(read, head, size) ? MatroskaSegments.starts(read, size) : []
}

/** The parts of a file that are read each as one, none where that is all of it; and whether several recordings are in it. */
const partsOf = (read: ReadBytes, head: Buffer, size: number) => {
  const starts = isBare(head) ? [] : startsOf(read, head, size)
  const apart = JoinedFiles.apart(read, starts)
  const parts = isBare(head) ? FrameChain.parts(read, head, size) : apart.length > 1 ? ranges(apart, size) : []
  return { parts, several: starts.length > 1 || parts.length > 1 }
}

const look = (file: number): Sniffed => {
  const stat = fstatSync(file)
  const { size } = stat
  const read = reader(file, size)
  if (!stat.isFile()) return refused("NotMedia", "it is no regular file", size)
  if (size === 0) return refused("EmptyFile", "the file has no bytes")
  const head = read(HEAD, 0)
  const playlist = playlistIn(head)
  if (playlist !== undefined) return refused("PlaylistRefused", `the content is ${playlist}`, size)
  if (isText(head) && !at(head, 0, "#!AMR")) return refused("NotMedia", "the content is text", size)
  if (isFreeFormat(head)) return refused("EngineUnable", "libav doesn't read MP3 of a free bit rate", size)
  const lacks = lacking(read, head, size)
  if (lacks > Math.max(1024, size * 0.01)) return refused("Truncated", `${lacks} bytes of what the header says are missing`, size)
  if (OggPages.isOgg(head) && OggPages.lacks(read(TAIL, Math.max(0, size - TAIL))) > 0)
    return refused("Truncated", "the last page of the Ogg stream is incomplete", size)
  const { parts, several } = partsOf(read, head, size)
  const raw = several ? undefined : rawSamples(head, size, read)
  const edits = several ? undefined : editLists(read, head, size)
  if (edits?.isOtherSpeed === true)
    return refused("EngineUnable", "its edit list plays the sound at another speed, which libav doesn't", size)
  const tags = ownTags(read, head, size)
  return {
    size,
    known: known(head),
    disguised: at(head, 0, "RIFF") && dts.some((word) => head.includes(word)),
    demuxer: demuxerOf(head),
    container: lateContainer(head),
    untold: several || isUnfinished(head, size) || MatroskaSegments.isOpen(head) || isFragmented(read, size),
    bigEndian: at(head, 0, "RIFX"),
    ...(tags === undefined ? {} : { tags }),
    ...(edits === undefined ? {} : { edits }),
    ...(raw === undefined ? {} : { raw }),
    ...(parts.length > 0 ? { parts } : {})
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
    const code = codeOf(cause)
    return refused("Unreadable", code === "ELOOP" ? "it is a link, and links are not followed" : `it can't be opened (${code})`)
  }
  try {
    return look(file)
  } catch (cause) {
    return refused("Unreadable", `it can't be read (${codeOf(cause)})`)
  } finally {
    closeSync(file)
  }
}

const codeOf = (cause: unknown): string => (cause instanceof Error && "code" in cause ? String(cause.code) : String(cause))
