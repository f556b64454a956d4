import * as FrameChain from "./FrameChain.js"
import type { IgnoredReason } from "./IgnoredReason.js"

/**
 * Bytes that {@link classify} wants to see of a file's beginning. A library for it reads in many steps and asynchronously, and doesn't
 * know half of the containers that the engine reads.
 */
export const HEAD_BYTES = 12_288

/** As many hold all marks. */
const START_BYTES = 264

type Meaning = "media" | IgnoredReason

/** Marks at the very beginning that say it all; in latin1. */
const marks: ReadonlyArray<readonly [Meaning, ReadonlyArray<string>]> = [
  ["media", ["fLaC", "OggS", "#!AMR", "FLV\x01", "wvpk", "TTA1", "TTA2", "MP+\x07", "MP+\x17", "MPCK", "DKIF", "caff\0\x01"]],
  ["media", ["Creative Voice File\x1a", "DSD \x1c\0\0\0\0\0\0\0", "riff\x2e\x91\xcf\x11", "\0\0\x01\xba"]],
  // ASF; MXF; DTS, in words of 16 and 14 bits and either byte order; DV.
  ["media", ["\x30\x26\xb2\x75\x8e\x66\xcf\x11", "\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"]],
  ["media", ["\x7f\xfe\x80\x01", "\xfe\x7f\x01\x80", "\x1f\xff\xe8\0", "\xff\x1f\0\xe8", "\x1f\x07\0\x3f", "\x1f\x07\0\xbf"]],
  ["midi", ["MThd"]],
  ["picture", ["\xff\xd8\xff", "\x89PNG\r\n", "GIF8", "BM", "II*\0", "MM\0*", "8BPS", "\xff\x0a"]],
  ["picture", ["\0\0\0\x0cJXL ", "\0\0\0\x0cjP  "]],
  ["document", ["%PDF-", "{\\rtf", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]],
  [
    "archive",
    ["PK\x03\x04", "PK\x05\x06", "\x1f\x8b\x08", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07", "\xfd7zXZ\0", "BZh", "\x28\xb5\x2f\xfd"]
  ],
  ["program", ["\x7fELF", "MZ", "\xcf\xfa\xed\xfe", "\xfe\xed\xfa\xcf", "\xca\xfe\xba\xbe", "\0asm"]],
  ["data", ["SQLite format 3\0", "PAR1", "\x93NUMPY"]]
]

/** What IFF and RIFF files hold, by the word at the ninth byte. */
const chunked: ReadonlyArray<readonly [starts: ReadonlyArray<string>, Readonly<Record<string, Meaning>>]> = [
  [["RIFF", "RIFX", "RF64", "BW64"], { WAVE: "media", "AVI ": "media", RMID: "midi", WEBP: "picture", sfbk: "data" }],
  [["FORM"], { AIFF: "media", AIFC: "media", ILBM: "picture" }]
]

/** Brands of ISO files that hold still pictures. */
const pictures = new Set(["heic", "heix", "heim", "heis", "mif1", "msf1", "avif", "avis", "crx ", "jp2 ", "jpx "])
/** Boxes that an MP4 or QuickTime file may begin with. */
const boxes = new Set(["moov", "mdat", "free", "skip", "wide", "pnot", "moof", "styp", "sidx"])

const isoMeaning = (start: string): Meaning | undefined => {
  const type = start.slice(4, 8)
  if (type === "ftyp") return pictures.has(start.slice(8, 12)) ? "picture" : "media"
  // A box's length begins with a zero, or nearly; text has a letter there.
  return boxes.has(type) && start.charCodeAt(0) < 0x09 ? "media" : undefined
}

/** The distances of packets in a transport stream: bare, with a time of arrival in front, with a checksum behind. */
const PACKETS = [
  [0, 188],
  [4, 192],
  [0, 204]
] as const

const isTransportStream = (head: Buffer): boolean =>
  PACKETS.some(([first, step]) => [0, 1, 2, 3, 4].every((n) => head[first + n * step] === 0x47))

/** The start in latin1, for marks; the bytes, for numbers. */
const others: ReadonlyArray<readonly [Meaning, (start: string, head: Buffer) => boolean]> = [
  // A tag in front of MP3, AAC and others: its version stands where text has a letter.
  ["media", (start) => start.startsWith("ID3") && start.charCodeAt(3) < 0x10],
  ["media", (start) => start.startsWith("\x1a\x45\xdf\xa3") && /webm|matroska/.test(start)],
  ["media", (start, head) => start.startsWith(".snd") && head.length >= 24 && within(head.readUInt32BE(4), 24, 0xffff)],
  ["media", (start, head) => start.startsWith("MAC ") && head.length >= 6 && within(head.readUInt16LE(4), 3_800, 4_199)],
  // TrueHD and MLP.
  ["media", (start) => start.startsWith("\xf8\x72\x6f\xba", 4) || start.startsWith("\xf8\x72\x6f\xbb", 4)],
  ["media", (_, head) => isTransportStream(head)],
  // Icons: how many, and a zero in each.
  ["picture", (start, head) => start.startsWith("\0\0\x01\0") && head[4] !== 0 && head[5] === 0 && head[9] === 0],
  ["archive", (start) => start.startsWith("ustar", 257)]
]

const within = (value: number, least: number, most: number): boolean => value >= least && value <= most

/** Letters, digits and punctuation only, or UTF-16 that says so. */
const isText = (head: Buffer): boolean => {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return true
  for (const byte of head) if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f) return false
  return true
}

const playlist = /^(?:#EXTM3U|\[playlist\]|ffconcat version)/i

/**
 * What a file is by its first bytes: media that the engine reads, or why it is none.
 *
 * @param head the first {@link HEAD_BYTES}, or all of a shorter file
 * @param size of the file, in bytes
 */
export const classify = (head: Buffer, size: number): Meaning => {
  if (size === 0) return "empty"
  const start = head.toString("latin1", 0, START_BYTES)
  const begins = (mark: string) => start.startsWith(mark)
  for (const [meaning, starts] of marks) if (starts.some(begins)) return meaning
  for (const [starts, forms] of chunked) if (starts.some(begins)) return forms[start.slice(8, 12)] ?? "unknown"
  const iso = isoMeaning(start)
  if (iso !== undefined) return iso
  for (const [meaning, is] of others) if (is(start, head)) return meaning
  if (FrameChain.isStream(head, size)) return "media"
  return !isText(head) ? "unknown" : playlist.test(start) ? "playlist" : "text"
}
