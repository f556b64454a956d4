import { type ChunkLayout, chunks, ELSEWHERE, layoutOf } from "./Chunks.js"
import * as FileBytes from "./FileBytes.js"

/**
 * PCM that is read without its header: where that was never completed libav opens no such file, or finds nothing in it; and of samples with
 * more bytes than their valid bits take (24 bits in 32) it takes the valid ones for all.
 */
export interface RawSamples {
  /** FFmpeg's name of the container whose header it is. */
  readonly container: string
  /** FFmpeg's name of the codec: `pcm_s16be`. */
  readonly codec: string
  /** Hz */
  readonly sampleRate: number
  readonly channels: number
  /** Where the samples begin and end, in bytes. */
  readonly start: number
  readonly end: number
}

/** What a header says of its samples. */
interface Format {
  readonly codec: string
  readonly sampleRate: number
  readonly channels: number
  /** Whether samples have more bytes than their valid bits take. */
  readonly isPadded?: boolean
}

/** From here on a size in 32, or 64, bits is a placeholder, as 0 is: no recorder reaches it. */
const ENDLESS = { 32: 0x7f00_0000n, 64: 1n << 62n }

const isPlaceholder = (told: bigint, bits: 32 | 64, size: number): boolean =>
  told === 0n || (told >= ENDLESS[bits] && told > BigInt(size))

const pcm = (kind: string, bytes: number, order: string): string => `pcm_${kind}${bytes * 8}${bytes === 1 ? "" : order}`

/** WAVE_FORMAT tags (RFC 2361) of samples without compression. */
const wave = (bytes: Buffer): Format | undefined => {
  if (bytes.length < 16) return undefined
  const tag = bytes.readUInt16LE(0) === 0xfffe && bytes.length >= 26 ? bytes.readUInt16LE(24) : bytes.readUInt16LE(0)
  const channels = bytes.readUInt16LE(2)
  const width = channels === 0 ? 0 : bytes.readUInt16LE(12) / channels
  const codec =
    tag === 1 && [1, 2, 3, 4].includes(width)
      ? pcm(width === 1 ? "u" : "s", width, "le")
      : tag === 3 && [4, 8].includes(width)
        ? pcm("f", width, "le")
        : width === 1
          ? { 6: "pcm_alaw", 7: "pcm_mulaw" }[tag]
          : undefined
  const valid = bytes.readUInt16LE(0) === 0xfffe && bytes.length >= 26 ? bytes.readUInt16LE(18) : 0
  const isPadded = tag === 1 && valid > 0 && Math.ceil(valid / 8) < width
  return codec === undefined ? undefined : { codec, channels, sampleRate: bytes.readUInt32LE(4), isPadded }
}

/** A number as AIFF has it, in 80 bits (IEEE 754 extended). */
const extended = (bytes: Buffer, offset: number): number =>
  Number(bytes.readBigUInt64BE(offset + 2)) * 2 ** ((bytes.readUInt16BE(offset) & 0x7fff) - 16_383 - 63)

/** Kinds of samples in an AIFF-C that have no bits of their own to count. */
const aifcCodecs: Readonly<Record<string, string>> = {
  fl32: "pcm_f32be",
  FL32: "pcm_f32be",
  fl64: "pcm_f64be",
  FL64: "pcm_f64be",
  ulaw: "pcm_mulaw",
  ULAW: "pcm_mulaw",
  alaw: "pcm_alaw",
  ALAW: "pcm_alaw",
  in24: "pcm_s24be",
  in32: "pcm_s32be",
  "raw ": "pcm_u8"
}

const aiff = (bytes: Buffer): Format | undefined => {
  if (bytes.length < 18) return undefined
  const kind = bytes.length < 22 ? "NONE" : bytes.toString("latin1", 18, 22)
  const width = Math.ceil(bytes.readUInt16BE(6) / 8)
  const isPlain = ["NONE", "twos", "sowt"].includes(kind) && width >= 1 && width <= 4
  const codec = isPlain ? pcm("s", width, kind === "sowt" ? "le" : "be") : aifcCodecs[kind]
  return codec === undefined ? undefined : { codec, channels: bytes.readUInt16BE(0), sampleRate: Math.round(extended(bytes, 8)) }
}

/** Where a container says what its samples are, and where they stand. */
interface Places {
  /** The chunk that says what the samples are, and how it does. */
  readonly format: readonly [id: string, of: (bytes: Buffer) => Format | undefined]
  /** The chunk of the samples, and how many bytes of it come before them. */
  readonly samples: readonly [id: string, skipped: number]
}

const places: Readonly<Record<ChunkLayout["container"], Places>> = {
  aiff: { format: ["COMM", aiff], samples: ["SSND", 8] },
  wav: { format: ["fmt ", wave], samples: ["data", 0] },
  w64: { format: ["fmt ", wave], samples: ["data", 0] }
}

/** A Wave64's sizes of 0 say as much as those of an empty chunk. */
const isEmpty = (bytes: bigint): boolean => BigInt.asIntN(64, bytes) <= 0n

/** Kinds of samples of an AU, by their number. */
const auCodecs: Readonly<Record<number, string>> = {
  1: "pcm_mulaw",
  2: "pcm_s8",
  3: "pcm_s16be",
  4: "pcm_s24be",
  5: "pcm_s32be",
  6: "pcm_f32be",
  7: "pcm_f64be",
  27: "pcm_alaw"
}

const au = (head: Buffer, size: number): RawSamples | undefined => {
  if (!FileBytes.at(head, 0, ".snd") || head.length < 24) return undefined
  const [start, told, kind] = [head.readUInt32BE(4), head.readUInt32BE(8), head.readUInt32BE(12)]
  const codec = auCodecs[kind]
  // The highest number is what the format itself says for an unknown length: libav knows it.
  return codec === undefined || told === 0xffff_ffff || !isPlaceholder(BigInt(told), 32, size) || start >= size
    ? undefined
    : { container: "au", codec, sampleRate: head.readUInt32BE(16), channels: head.readUInt32BE(20), start, end: size }
}

/** Bytes of the header, where some writers repeat it in front of the samples, and behind them: they can't go back to complete it. */
const MARK = 24
/** Repeats that are passed over. */
const REPEATS = 64

const behindRepeats = (read: FileBytes.ReadBytes, mark: Buffer, length: number, start: number): number => {
  let at = start
  for (let n = 0; n < REPEATS && read(MARK, at).equals(mark); n++) at += length
  return at
}

/**
 * The samples of a file whose header was never completed: recorders and pipes write 0, -1 or the highest number where a length stands; and
 * those that have more bytes than valid bits. `undefined` where libav reads them by their header.
 */
export const rawSamples = (head: Buffer, size: number, read: FileBytes.ReadBytes): RawSamples | undefined => {
  const layout = layoutOf(head)
  if (layout === undefined) return au(head, size)
  const { bits, container } = layout
  const outer = bits === 64 ? head.readBigUInt64LE(16) : BigInt(head.readUInt32BE(4))
  const { format: header, samples } = places[container]
  let format: Format | undefined
  for (const { at, bytes, id, told } of chunks(read, layout, size)) {
    if (id === header[0]) format = header[1](read(Math.min(64, Number(bytes)), at))
    if (id !== samples[0]) continue
    const first = at + samples[1]
    const isOpen =
      container === "wav"
        ? told !== undefined && isPlaceholder(told, 64, size)
        : [outer, bytes].some((told) => isPlaceholder(told, bits, size)) || (bits === 64 && isEmpty(bytes))
    if (format === undefined) return undefined
    const { isPadded = false, ...shape } = format
    if (!isOpen) {
      const length = bytes === ELSEWHERE ? (told ?? 0n) : bytes
      const end = Number(length < BigInt(size - first) ? BigInt(first) + length : BigInt(size))
      return isPadded && first < end ? { container, ...shape, start: first, end } : undefined
    }
    const mark = read(MARK, 0)
    const start = behindRepeats(read, mark, first, first)
    const end = read(MARK, size - first).equals(mark) && size - first > start ? size - first : size
    return start < end ? { container, ...shape, start, end } : undefined
  }
  return undefined
}
