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

/** A chunk of a file, where its contents begin. */
interface Chunk {
  readonly id: string
  readonly at: number
  readonly bytes: bigint
}

/** What a header says of its samples. */
interface Format {
  readonly codec: string
  readonly sampleRate: number
  readonly channels: number
  /** Whether samples have more bytes than their valid bits take. */
  readonly isPadded?: boolean
}

/** Chunks before the samples that are looked at. */
const CHUNKS = 64

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

/** How a container lays out its chunks. */
interface Layout {
  readonly container: string
  /** Where the first chunk begins. */
  readonly first: number
  readonly next: (read: FileBytes.ReadBytes, position: number) => Chunk | undefined
  readonly bits: 32 | 64
  /** The chunk that says what the samples are, and how it does. */
  readonly format: readonly [id: string, of: (bytes: Buffer) => Format | undefined]
  /** The chunk of the samples, and how many bytes of it come before them. */
  readonly samples: readonly [id: string, skipped: number]
}

/** Chunks with a name of four letters and a size in 32 bits. */
const short =
  (order: "BE" | "LE") =>
  (read: FileBytes.ReadBytes, position: number): Chunk | undefined => {
    const head = read(8, position)
    if (head.length < 8) return undefined
    const bytes = BigInt(order === "BE" ? head.readUInt32BE(4) : head.readUInt32LE(4))
    return { id: head.toString("latin1", 0, 4), at: position + 8, bytes }
  }

/** Chunks of a Wave64, whose sizes count their own heads of 24 bytes. */
const long = (read: FileBytes.ReadBytes, position: number): Chunk | undefined => {
  const head = read(24, position)
  return head.length < 24
    ? undefined
    : { id: head.toString("latin1", 0, 4), at: position + 24, bytes: BigInt.asUintN(64, head.readBigUInt64LE(16) - 24n) }
}

/** A Wave64's sizes of 0 say as much as those of an empty chunk. */
const isEmpty = (bytes: bigint): boolean => BigInt.asIntN(64, bytes) <= 0n

const layouts = (head: Buffer): Layout | undefined => {
  if (FileBytes.at(head, 0, "FORM") && FileBytes.at(head, 8, "AIF"))
    return {
      container: "aiff",
      first: 12,
      next: short("BE"),
      bits: 32,
      format: ["COMM", aiff],
      samples: ["SSND", 8]
    }
  if (["RIFF", "RF64", "BW64"].some((mark) => FileBytes.at(head, 0, mark)) && FileBytes.at(head, 8, "WAVE"))
    return { container: "wav", first: 12, next: short("LE"), bits: 32, format: ["fmt ", wave], samples: ["data", 0] }
  if (FileBytes.at(head, 0, "riff") && FileBytes.at(head, 24, "wave"))
    return { container: "w64", first: 40, next: long, bits: 64, format: ["fmt ", wave], samples: ["data", 0] }
  return undefined
}

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

/** The length that a RF64's own chunk of sizes tells of its samples. */
const inDs64 = (read: FileBytes.ReadBytes, { at, id }: Chunk): bigint | undefined => {
  const bytes = id === "ds64" ? read(16, at) : Buffer.alloc(0)
  return bytes.length === 16 ? bytes.readBigUInt64LE(8) : undefined
}

/** Bytes of the header, where some writers repeat it in front of the samples, and behind them: they can't go back to complete it. */
const MARK = 24

const behindRepeats = (read: FileBytes.ReadBytes, mark: Buffer, length: number, start: number): number => {
  let at = start
  for (let n = 0; n < CHUNKS && read(MARK, at).equals(mark); n++) at += length
  return at
}

/**
 * The samples of a file whose header was never completed: recorders and pipes write 0, -1 or the highest number where a length stands; and
 * those that have more bytes than valid bits. `undefined` where libav reads them by their header.
 */
export const rawSamples = (head: Buffer, size: number, read: FileBytes.ReadBytes): RawSamples | undefined => {
  const layout = layouts(head)
  if (layout === undefined) return au(head, size)
  const outer = layout.bits === 64 ? head.readBigUInt64LE(16) : BigInt(head.readUInt32BE(4))
  let told: bigint | undefined
  let format: Format | undefined
  let position = layout.first
  for (let n = 0; n < CHUNKS; n++) {
    const chunk = layout.next(read, position)
    if (chunk === undefined) return undefined
    told ??= inDs64(read, chunk)
    if (chunk.id === layout.format[0]) format = layout.format[1](read(Math.min(64, Number(chunk.bytes)), chunk.at))
    if (chunk.id === layout.samples[0]) {
      const first = chunk.at + layout.samples[1]
      const isOpen =
        layout.container === "wav"
          ? told !== undefined && isPlaceholder(told, 64, size)
          : [outer, chunk.bytes].some((told) => isPlaceholder(told, layout.bits, size)) ||
            (layout.bits === 64 && isEmpty(chunk.bytes))
      if (format === undefined) return undefined
      const { isPadded = false, ...shape } = format
      if (!isOpen) {
        const length = chunk.bytes === 0xffff_ffffn ? (told ?? 0n) : chunk.bytes
        const end = Number(length < BigInt(size - first) ? BigInt(first) + length : BigInt(size))
        return isPadded && first < end ? { container: layout.container, ...shape, start: first, end } : undefined
      }
      const mark = read(MARK, 0)
      const start = behindRepeats(read, mark, first, first)
      const end = read(MARK, size - first).equals(mark) && size - first > start ? size - first : size
      return start < end ? { container: layout.container, ...shape, start, end } : undefined
    }
    const padding = layout.bits === 64 ? (8n - (chunk.bytes % 8n)) % 8n : chunk.bytes % 2n
    const next = BigInt(chunk.at) + chunk.bytes + padding
    if (next >= BigInt(size)) return undefined
    position = Number(next)
  }
  return undefined
}
