/**
 * Streams that have no header of their own: frame follows on frame, each with a mark and its length. One mark may be chance, so
 * several frames must stand where the ones before say.
 */

/** The length of a frame that begins at an offset, in bytes; 0 where none does. */
type FrameLength = (bytes: Buffer, offset: number) => number

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
const mpegAudio: FrameLength = (bytes, offset) => {
  const [mark, kind, rates] = [bytes[offset] ?? 0, bytes[offset + 1] ?? 0, bytes[offset + 2] ?? 0]
  if (mark !== 0xff || (kind & 0xe0) !== 0xe0) return 0
  const version = (kind >> 3) & 3
  const layer = 3 - ((kind >> 1) & 3)
  const hertz = MPEG_HERTZ[(rates >> 2) & 3]
  const kbps = (version === 3 ? MPEG1_KBPS : MPEG2_KBPS)[layer]?.[(rates >> 4) - 1]
  if (version === 1 || layer === 3 || hertz === undefined || kbps === undefined) return 0
  const rate = version === 3 ? hertz : version === 2 ? hertz / 2 : hertz / 4
  const padding = (rates >> 1) & 1
  if (layer === 0) return 4 * (Math.floor((12_000 * kbps) / rate) + padding)
  const samples = layer === 2 && version !== 3 ? 72_000 : 144_000
  return Math.floor((samples * kbps) / rate) + padding
}

/** ISO 13818-7. */
const adts: FrameLength = (bytes, offset) => {
  const [mark, kind, rate] = [bytes[offset] ?? 0, bytes[offset + 1] ?? 0, bytes[offset + 2] ?? 0]
  if (mark !== 0xff || (kind & 0xf6) !== 0xf0 || ((rate >> 2) & 0xf) > 12) return 0
  const length = (((bytes[offset + 3] ?? 0) & 3) << 11) | ((bytes[offset + 4] ?? 0) << 3) | ((bytes[offset + 5] ?? 0) >> 5)
  return length < 7 ? 0 : length
}

const AC3_KBPS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640]

/** ETSI TS 102 366: AC-3 and E-AC-3. */
const ac3: FrameLength = (bytes, offset) => {
  if (bytes[offset] !== 0x0b || bytes[offset + 1] !== 0x77) return 0
  const revision = (bytes[offset + 5] ?? 0) >> 3
  if (revision > 10 && revision <= 16) return 2 * (((((bytes[offset + 2] ?? 0) & 7) << 8) | (bytes[offset + 3] ?? 0)) + 1)
  const sizes = bytes[offset + 4] ?? 0
  const kbps = AC3_KBPS[(sizes & 0x3f) >> 1]
  if (revision > 10 || kbps === undefined) return 0
  const rate = sizes >> 6
  return rate === 0 ? 4 * kbps : rate === 1 ? 2 * (Math.floor((320 * kbps) / 147) + (sizes & 1)) : rate === 2 ? 6 * kbps : 0
}

/** ISO 14496-3: AAC in LOAS. */
const loas: FrameLength = (bytes, offset) => {
  const [mark, high, low] = [bytes[offset] ?? 0, bytes[offset + 1] ?? 0, bytes[offset + 2] ?? 0]
  return mark === 0x56 && (high & 0xe0) === 0xe0 ? 3 + (((high & 0x1f) << 8) | low) : 0
}

/** So many frames in a row are no chance. */
const ENOUGH = 3
/** A recording of a running stream begins in the middle of a frame, or with silence of another kind; bytes. */
const BEFORE = 4_096

/** Whether frames follow each other from here to the third, or to the end of the file; one alone only where the file begins with it. */
const chains = (length: FrameLength, head: Buffer, size: number, from: number): boolean => {
  let offset = from
  for (let frames = 0; frames < ENOUGH; frames++) {
    if (frames > 0 && offset >= size) return offset === size && (frames > 1 || from === 0)
    const step = length(head, offset)
    if (step === 0) return false
    offset += step
  }
  return true
}

/**
 * Whether a file is a bare stream of MPEG audio, AAC or AC-3.
 *
 * @param head its first bytes; 12 KiB hold three frames of any kind, wherever the first one begins
 * @param size of the file, in bytes
 */
export const isStream = (head: Buffer, size: number): boolean => {
  if (chains(ac3, head, size, 0) || chains(loas, head, size, 0)) return true
  for (let at = head.indexOf(0xff); at >= 0 && at < BEFORE; at = head.indexOf(0xff, at + 1))
    if (chains(mpegAudio, head, size, at) || chains(adts, head, size, at)) return true
  return false
}
