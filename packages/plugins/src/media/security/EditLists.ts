import type { ReadBytes } from "./FileBytes.js"

/** A stretch of the presentation, in seconds. */
export type Span = readonly [start: number, end: number]

/** What the edit lists of an MP4 say of its presentation (ISO/IEC 14496-12, 8.6.6). */
export interface EditLists {
  /** Seconds before anything is heard or seen. */
  readonly leadSeconds: number
  /** What is empty within each track of sound, in the order of the tracks. */
  readonly gaps: ReadonlyArray<ReadonlyArray<Span>>
  /** When each track of pictures is seen, in the order of the tracks; `undefined` where its list doesn't say. */
  readonly pictures: ReadonlyArray<Span | undefined>
  /** Whether a part of a sound is played slower or faster than it was recorded: libav plays it as it was. */
  readonly isOtherSpeed: boolean
}

export interface Box {
  readonly type: string
  /** The first byte of what is in it. */
  readonly start: number
  readonly end: number
}

/** Boxes that are looked through on each level: a long recording may be written in as many pieces. */
const BOXES = 100

/** Edits of a track that are read. */
const EDITS = 1000

/** The boxes that stand in a part of a file. */
export function* boxes(read: ReadBytes, from: number, to: number): Generator<Box> {
  let at = from
  for (let n = 0; n < BOXES && at + 8 <= to; n++) {
    const head = read(16, at)
    if (head.length < 8) return
    const short = head.readUInt32BE(0)
    const isLong = short === 1 && head.length === 16
    const bytes = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? to - at : short
    const start = at + (isLong ? 16 : 8)
    if (bytes < start - at) return
    yield { type: head.toString("latin1", 4, 8), start, end: Math.min(to, at + bytes) }
    at += bytes
  }
}

/** The first box of a type within another. */
export const find = (read: ReadBytes, { end, start }: Box, type: string): Box | undefined => {
  for (const box of boxes(read, start, end)) if (box.type === type) return box
  return undefined
}

/** Ticks a second of the presentation. */
const clockOf = (read: ReadBytes, header: Box): number => {
  const bytes = read(24, header.start)
  return bytes.length < 24 ? 0 : bytes.readUInt32BE(bytes[0] === 1 ? 20 : 12)
}

interface Edit {
  readonly seconds: number
  readonly isEmpty: boolean
  /** How fast it is played, of how it was recorded; some writers leave it 0. */
  readonly speed: number
}

const editsOf = (read: ReadBytes, list: Box, clock: number): ReadonlyArray<Edit> => {
  const head = read(8, list.start)
  if (head.length < 8) return []
  const isLong = head[0] === 1
  const step = isLong ? 20 : 12
  const count = Math.min(head.readUInt32BE(4), EDITS, Math.floor((list.end - list.start - 8) / step))
  const bytes = read(count * step, list.start + 8)
  return Array.from({ length: Math.floor(bytes.length / step) }, (_, n) => {
    const at = n * step
    const speed = bytes.readInt32BE(at + step - 4) / 65_536
    return isLong
      ? { seconds: Number(bytes.readBigUInt64BE(at)) / clock, isEmpty: bytes.readBigInt64BE(at + 8) === -1n, speed }
      : { seconds: bytes.readUInt32BE(at) / clock, isEmpty: bytes.readInt32BE(at + 4) === -1, speed }
  })
}

/** Seconds before the first edit that isn't empty, and what is empty behind it. */
const emptyIn = (edits: ReadonlyArray<Edit>): { readonly lead: number; readonly gaps: ReadonlyArray<Span> } => {
  const first = edits.findIndex(({ isEmpty }) => !isEmpty)
  let [at, lead] = [0, 0]
  const gaps: Array<Span> = []
  for (const [n, { isEmpty, seconds }] of edits.entries()) {
    if (n === first) lead = at
    if (isEmpty && first >= 0 && n > first) gaps.push([at, at + seconds])
    at += seconds
  }
  return { lead, gaps }
}

/** From the first edit that isn't empty to the end of the last; `undefined` where one of them goes on for as long as its track. */
const spanOf = (edits: ReadonlyArray<Edit>, lead: number): Span | undefined =>
  edits.length > 0 && edits.every(({ seconds }) => seconds > 0)
    ? [lead, edits.reduce((sum, { seconds }) => sum + seconds, 0)]
    : undefined

/** What the edit lists of an MP4 say; `undefined` where they leave nothing empty and tell no end of pictures, or it is no MP4. */
export const editLists = (read: ReadBytes, head: Buffer, size: number): EditLists | undefined => {
  if (!["ftyp", "moov", "mdat", "wide", "free", "skip"].includes(head.toString("latin1", 4, 8))) return undefined
  const movie = find(read, { type: "", start: 0, end: size }, "moov")
  const header = movie && find(read, movie, "mvhd")
  const clock = header === undefined ? 0 : clockOf(read, header)
  if (movie === undefined || clock === 0) return undefined
  const leads: Array<number> = []
  const gaps: Array<ReadonlyArray<Span>> = []
  const pictures: Array<Span | undefined> = []
  let isOtherSpeed = false
  for (const track of boxes(read, movie.start, movie.end)) {
    if (track.type !== "trak") continue
    const media = find(read, track, "mdia")
    const handler = media && find(read, media, "hdlr")
    const kind = handler === undefined ? "" : read(4, handler.start + 8).toString("latin1")
    if (kind !== "soun" && kind !== "vide") continue
    const outer = find(read, track, "edts")
    const list = outer && find(read, outer, "elst")
    const edits = list === undefined ? [] : editsOf(read, list, clock)
    const empty = emptyIn(edits)
    leads.push(empty.lead)
    if (kind === "soun") {
      gaps.push(empty.gaps)
      isOtherSpeed ||= edits.some(({ isEmpty, speed }) => !isEmpty && speed !== 0 && speed !== 1)
    } else pictures.push(spanOf(edits, empty.lead))
  }
  const leadSeconds = leads.length === 0 ? 0 : Math.min(...leads)
  const isTold =
    isOtherSpeed || leadSeconds > 0 || gaps.some((all) => all.length > 0) || pictures.some((span) => span !== undefined)
  return isTold ? { leadSeconds, gaps, pictures, isOtherSpeed } : undefined
}
