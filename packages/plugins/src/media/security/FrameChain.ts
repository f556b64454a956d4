import { type ByteRange, CHUNK, MOST_PARTS, type ReadBytes } from "./FileBytes.js"
import { ac3, ac3Rate, adts, adtsRate, type FrameLength, type FrameRate, mpeg, mpegRate } from "./SoundFrame.js"
import * as SoundTags from "./SoundTags.js"

/** Frames in a row, each where the one before says, that can't be chance. */
const ENOUGH = 3

/** Bytes that so many frames may take: the longest is one of ADTS. */
const AHEAD = 32_768

/** How frames begin that stand behind each other without a container. */
interface Format {
  readonly mediaType: string
  readonly length: FrameLength
  readonly rate: FrameRate
  readonly mark: number
}

const formats: ReadonlyArray<Format> = [
  { mediaType: "audio/mpeg", length: mpeg, rate: mpegRate, mark: 0xff },
  { mediaType: "audio/aac", length: adts, rate: adtsRate, mark: 0xff },
  { mediaType: "audio/ac3", length: ac3, rate: ac3Rate, mark: 0x0b }
]

const isChain = (bytes: Buffer, at: number, { length }: Format): boolean => {
  let next = at
  for (let n = 0; n < ENOUGH; n++) {
    const bytesLong = length(bytes, next)
    if (bytesLong === undefined) return false
    next += bytesLong
  }
  return next <= bytes.length
}

/** Where the next chain begins; the end of the bytes where there is none. */
const find = (bytes: Buffer, from: number, format: Format): number => {
  for (let at = bytes.indexOf(format.mark, from); at >= 0; at = bytes.indexOf(format.mark, at + 1))
    if (isChain(bytes, at, format)) return at
  return bytes.length
}

/** The frames of which a chain stands first in these bytes; `undefined` where none does. */
const formatIn = (bytes: Buffer): Format | undefined =>
  formats
    .map((format) => ({ format, at: find(bytes, 0, format) }))
    .filter(({ at }) => at < bytes.length)
    .sort((one, other) => one.at - other.at)[0]?.format

/** The media type of the frames that stand in these bytes, after junk that is no tag; `undefined` where none do. */
export const mediaType = (bytes: Buffer): string | undefined => formatIn(bytes)?.mediaType

/** Whether frames of another sample rate begin: more of them than one whose header was damaged. */
const isOther = (bytes: Buffer, at: number, rate: number, format: Format): boolean => {
  const own = format.rate(bytes, at)
  const next = at + (format.length(bytes, at) ?? 0)
  return own !== rate && isChain(bytes, at, format) && format.rate(bytes, next) === own
}

/** Frames behind each other, at one sample rate. */
interface Run extends ByteRange {
  readonly rate: number
}

/** Runs of frames; a run ends where no frame follows, or one of another sample rate. */
const runs = (read: ReadBytes, size: number, first: number, format: Format): ReadonlyArray<Run> => {
  const found: Array<Run> = []
  let [begun, position, rate]: [number | undefined, number, number] = [undefined, first, 0]
  while (position < size && found.length < MOST_PARTS) {
    const start = position
    const bytes = read(CHUNK + AHEAD, start)
    const last = bytes.length < CHUNK + AHEAD ? bytes.length : CHUNK
    let at = 0
    while (at < last) {
      const length = begun === undefined ? undefined : format.length(bytes, at)
      if (length !== undefined) {
        if (begun !== start + at && isOther(bytes, at, rate, format)) {
          found.push({ start: begun ?? start, end: start + at, rate })
          begun = start + at
        }
        if (begun === start + at) rate = format.rate(bytes, at)
        at += length
      } else {
        if (begun !== undefined) found.push({ start: begun, end: start + at, rate })
        at = find(bytes, at, format)
        begun = at < last ? start + at : undefined
      }
    }
    position = begun === undefined ? start + last : start + at
  }
  return begun === undefined ? found : [...found, { start: begun, end: Math.min(position, size), rate }]
}

/** Whether bytes between two recordings could be taken for a frame, as a cover's can. */
const misleads = (bytes: Buffer, { length, mark }: Format): boolean => {
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) if (length(bytes, at) !== undefined) return true
  return false
}

/** Bytes of tags behind the last frame that libav reads over in MPEG sound: an ID3v1, a small APEv2. */
const TAIL = 4096

/**
 * Where the sound lies in MPEG sound, ADTS or AC-3: without the bytes of others before the first and after the last frame, and without
 * tags between joined recordings that hold what looks like frames. Where frames go on at another sample rate, libav would count on at
 * the first one's: they are a part of their own. What else stands between frames is damage, and stays for the decoder to meet.
 *
 * @returns nothing where all of the file is sound, or none of it
 */
export const parts = (read: ReadBytes, head: Buffer, size: number): ReadonlyArray<ByteRange> => {
  const first = SoundTags.end(read, head)
  const format = formatIn(first === 0 ? head : read(AHEAD, first))
  if (format === undefined) return []
  const [one, ...more] = runs(read, size, first, format)
  if (one === undefined) return []
  const joined = more.reduce<ReadonlyArray<Run>>(
    (before, next) => {
      const latest = before.at(-1) ?? one
      const between = read(Math.min(CHUNK, next.start - latest.end), latest.end)
      // Players pass over a tag of text by themselves.
      const isTag = SoundTags.isTag(between)
      const isJoint = next.rate === latest.rate ? isTag && misleads(between, format) : isTag || between.length === 0
      return isJoint ? [...before, next] : [...before.slice(0, -1), { ...latest, end: next.end }]
    },
    // An ID3v2 in front belongs to the first recording; libav knows no APEv2 there.
    [{ ...one, start: one.start === first && !SoundTags.isApe(head) ? 0 : one.start }]
  )
  const end = joined.at(-1)?.end ?? size
  const isClean = end === size || (format.length === mpeg && size - end <= TAIL && SoundTags.isTag(read(16, end)))
  const isWhole = joined.length === 1 && joined[0]?.start === 0 && isClean
  return isWhole ? [] : joined.map(({ end, start }) => ({ start, end }))
}
