/**
 * Streams that have no header of their own: frame follows on frame, each with a mark and its length. One mark may be chance, so
 * several frames of one kind must stand where the ones before say.
 */

/** A frame that begins at an offset. */
interface Frame {
  /** Bytes */
  readonly length: number
  /** What all frames of a stream have the same: version, layer, sampling rate. */
  readonly kind: number
}

type FrameAt = (bytes: Buffer, offset: number) => Frame | undefined

const MPEG1_KBPS = [
  [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
]
const MPEG2_KBPS = [
  [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
]
const MPEG_HERTZ = [44_100, 48_000, 32_000]

/** ISO 11172-3 and 13818-3, with the half rates of MPEG 2.5. */
const mpegAudio: FrameAt = (bytes, offset) => {
  const [mark, kind, rates] = [bytes[offset] ?? 0, bytes[offset + 1] ?? 0, bytes[offset + 2] ?? 0]
  if (mark !== 0xff || (kind & 0xe0) !== 0xe0) return undefined
  const version = (kind >> 3) & 3
  const layer = 3 - ((kind >> 1) & 3)
  const hertz = MPEG_HERTZ[(rates >> 2) & 3]
  const kbps = (version === 3 ? MPEG1_KBPS : MPEG2_KBPS)[layer]?.[(rates >> 4) - 1]
  if (version === 1 || layer === 3 || hertz === undefined || kbps === undefined) return undefined
  const rate = version === 3 ? hertz : version === 2 ? hertz / 2 : hertz / 4
  const padding = (rates >> 1) & 1
  const samples = layer === 2 && version !== 3 ? 72_000 : 144_000
  const length = layer === 0 ? 4 * (Math.floor((12_000 * kbps) / rate) + padding) : Math.floor((samples * kbps) / rate) + padding
  return { length, kind: ((kind & 0x1e) << 2) | ((rates >> 2) & 3) }
}

/** ISO 13818-7. */
const adts: FrameAt = (bytes, offset) => {
  const [mark, kind, rate] = [bytes[offset] ?? 0, bytes[offset + 1] ?? 0, bytes[offset + 2] ?? 0]
  if (mark !== 0xff || (kind & 0xf6) !== 0xf0 || ((rate >> 2) & 0xf) > 12) return undefined
  const length = (((bytes[offset + 3] ?? 0) & 3) << 11) | ((bytes[offset + 4] ?? 0) << 3) | ((bytes[offset + 5] ?? 0) >> 5)
  return length < 7 ? undefined : { length, kind: ((kind & 0x0e) << 8) | (rate & 0xfc) }
}

const AC3_KBPS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640]

/** ETSI TS 102 366: AC-3 and E-AC-3. */
const ac3: FrameAt = (bytes, offset) => {
  if (bytes[offset] !== 0x0b || bytes[offset + 1] !== 0x77) return undefined
  const revision = (bytes[offset + 5] ?? 0) >> 3
  // Frames of E-AC-3 may belong to streams beside each other.
  if (revision > 10 && revision <= 16)
    return { length: 2 * (((((bytes[offset + 2] ?? 0) & 7) << 8) | (bytes[offset + 3] ?? 0)) + 1), kind: 16 }
  const sizes = bytes[offset + 4] ?? 0
  const kbps = AC3_KBPS[(sizes & 0x3f) >> 1]
  const rate = sizes >> 6
  if (revision > 10 || kbps === undefined || rate === 3) return undefined
  const length = rate === 0 ? 4 * kbps : rate === 1 ? 2 * (Math.floor((320 * kbps) / 147) + (sizes & 1)) : 6 * kbps
  return { length, kind: rate }
}

/** ISO 14496-3: AAC in LOAS. */
const loas: FrameAt = (bytes, offset) => {
  const [mark, high, low] = [bytes[offset] ?? 0, bytes[offset + 1] ?? 0, bytes[offset + 2] ?? 0]
  return mark === 0x56 && (high & 0xe0) === 0xe0 ? { length: 3 + (((high & 0x1f) << 8) | low), kind: 0 } : undefined
}

/** So many frames in a row are no chance, where they are long. */
const ENOUGH = 3
/** Tables of numbers have short chains in them: a stream goes on beyond so many bytes, or ends before. */
const LONG = 1_024
/** As above, for one that begins anywhere: there are as many chances as bytes. */
const LONG_INSIDE = 4_096
/** A recording of a running stream begins in the middle of a frame, or with silence of another kind; bytes. */
const BEFORE = 4_096

/** Whether a tag stands here, behind the last frame. */
const isTag = (head: Buffer, offset: number): boolean =>
  ["TAG", "APETAGEX", "LYRICSBEGIN", "ID3"].some((mark) => head.toString("latin1", offset, offset + mark.length) === mark)

/**
 * Whether frames of one kind follow each other from here, far enough or to the end of the file; one alone only where the file begins
 * with it.
 */
const chains = (frameAt: FrameAt, head: Buffer, size: number, from: number): boolean => {
  const first = frameAt(head, from)
  if (first === undefined) return false
  const least = from + (from === 0 ? LONG : LONG_INSIDE)
  let offset = from + first.length
  for (let frames = 1; frames < ENOUGH || offset < least; frames++) {
    if (offset >= size) return offset === size && (frames > 1 || from === 0)
    const frame = frameAt(head, offset)
    if (frame?.kind !== first.kind) return frames >= ENOUGH && isTag(head, offset)
    offset += frame.length
  }
  return true
}

/** By the byte that a frame begins with. */
const formats: ReadonlyArray<readonly [mark: number, FrameAt]> = [
  [0x0b, ac3],
  [0x56, loas],
  [0xff, mpegAudio],
  [0xff, adts]
]

/**
 * Whether a file is a bare stream of MPEG audio, AAC or AC-3.
 *
 * @param head its first bytes; 12 KiB hold three frames of any kind, wherever the first one begins
 * @param size of the file, in bytes
 */
export const isStream = (head: Buffer, size: number): boolean =>
  formats.some(([mark, frameAt]) => {
    for (let at = head.indexOf(mark); at >= 0 && at < BEFORE; at = head.indexOf(mark, at + 1))
      if (chains(frameAt, head, size, at)) return true
    return false
  })
