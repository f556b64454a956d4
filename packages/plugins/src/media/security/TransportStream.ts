import { CHUNK, MOST_PARTS, type ReadBytes } from "./FileBytes.js"
import { ac3, ac3Rate, adts, adtsRate, mpeg, mpegRate } from "./SoundFrame.js"

/** Bytes of a packet, and of one that has a time of arrival in front (ISO/IEC 13818-1, 2.4.3.2; Blu-ray and AVCHD). */
const PACKET = 188
const TIMED = 192
const SYNC = 0x47

/** How packets lie in a transport stream: the byte of the first one's mark, and the bytes from mark to mark. */
export interface Packing {
  readonly first: number
  readonly step: number
}

/** How the packets lie in a file; `undefined` where it is no transport stream. */
export const packingOf = (head: Buffer): Packing | undefined =>
  [
    { first: 0, step: PACKET },
    { first: 4, step: TIMED }
  ].find(({ first, step }) => [0, 1, 2, 3].every((n) => head[first + n * step] === SYNC))

/** Numbers of the streams of a program, with what they are coded as. */
type Program = ReadonlyMap<number, string>

/** Stream types of sound and picture (ISO/IEC 13818-1, table 2-34; ATSC A/53). */
const sounds = new Set([0x03, 0x04, 0x0f, 0x11, 0x81, 0x87])
const pictures = new Set([0x01, 0x02, 0x10, 0x1b, 0x24, 0x33, 0xea])

/** Private data that is sound, by the tags of its descriptors (ETSI EN 300 468): AC-3, E-AC-3, DTS, AAC. */
const described = new Set([0x6a, 0x7a, 0x7b, 0x7c])
const REGISTERED = 0x05
const PRIVATE = 0x06

/** What the descriptors of private data say that it is. */
const privateKind = (descriptors: Buffer): string | undefined => {
  for (let at = 0; at + 2 <= descriptors.length; at += 2 + (descriptors[at + 1] ?? 0)) {
    const tag = descriptors[at] ?? 0
    if (described.has(tag)) return `sound ${tag}`
    if (tag === REGISTERED && /^(AC-3|EAC3|DTS|Opus|BSSD)/.test(descriptors.toString("latin1", at + 2, at + 6)))
      return `sound ${descriptors.toString("latin1", at + 2, at + 6)}`
  }
  return undefined
}

const kindOf = (type: number, descriptors: Buffer): string | undefined =>
  sounds.has(type)
    ? `sound ${type}`
    : pictures.has(type)
      ? `picture ${type}`
      : type === PRIVATE
        ? privateKind(descriptors)
        : undefined

/** Where the payload of a packet begins. */
const payloadOf = (packet: Buffer): number => 4 + (((packet[3] ?? 0) & 0x20) !== 0 ? 1 + (packet[4] ?? 0) : 0)

const beginsIn = (packet: Buffer): boolean => ((packet[1] ?? 0) & 0x40) !== 0

/** Numbers of the sample rates that a frame of sound's header has, where one begins with the packet; `undefined` where none does. */
const rateIn = (packet: Buffer): number | undefined => {
  const header = payloadOf(packet)
  if (packet[header] !== 0 || packet[header + 1] !== 0 || packet[header + 2] !== 1) return undefined
  const at = header + 9 + (packet[header + 8] ?? 0)
  if (adts(packet, at) !== undefined) return adtsRate(packet, at)
  if (mpeg(packet, at) !== undefined) return mpegRate(packet, at)
  return ac3(packet, at) === undefined ? undefined : ac3Rate(packet, at)
}

/** The table that begins in a packet, as far as the packet has it. */
const tableIn = (packet: Buffer, id: number): Buffer | undefined => {
  const payload = payloadOf(packet)
  const start = payload + 1 + (packet[payload] ?? 0)
  if (!beginsIn(packet) || packet[start] !== id) return undefined
  const length = (((packet[start + 1] ?? 0) & 15) << 8) | (packet[start + 2] ?? 0)
  // Without its checksum.
  return packet.subarray(start, Math.max(start, Math.min(packet.length, start + 3 + length - 4)))
}

const pidAt = (bytes: Buffer, at: number): number => (((bytes[at] ?? 0) & 0x1f) << 8) | (bytes[at + 1] ?? 0)

/** Numbers of the packets that say what the programs are made of. */
const mapsOf = (association: Buffer): ReadonlySet<number> => {
  const found = new Set<number>()
  for (let at = 8; at + 4 <= association.length; at += 4)
    if (association.readUInt16BE(at) !== 0) found.add(pidAt(association, at + 2))
  return found
}

const programOf = (map: Buffer): Program => {
  const found = new Map<number, string>()
  const described = map.length < 12 ? 0 : map.readUInt16BE(10) & 0x0fff
  for (let at = 12 + described; at + 5 <= map.length;) {
    const length = map.readUInt16BE(at + 3) & 0x0fff
    const kind = kindOf(map[at] ?? 0, map.subarray(at + 5, at + 5 + length))
    if (kind !== undefined) found.set(pidAt(map, at + 1), kind)
    at += 5 + length
  }
  return found
}

/** Whether a program goes on as another one: a stream is coded otherwise, or all of its sound or pictures are elsewhere. */
const isOther = (before: Program, after: Program): boolean => {
  const gone = (prefix: string) => {
    const of = (program: Program) => [...program].flatMap(([pid, kind]) => (kind.startsWith(prefix) ? [pid] : []))
    const [old, now] = [of(before), of(after)]
    return old.length > 0 && now.length > 0 && !old.some((pid) => now.includes(pid))
  }
  return [...before].some(([pid, kind]) => (after.get(pid) ?? kind) !== kind) || gone("sound") || gone("picture")
}

/** Follows the packets of a transport stream, and notes where it goes on as another recording. */
class Recordings {
  readonly starts = [0]
  #maps: ReadonlySet<number> = new Set()
  #program: Program | undefined
  /** Where the last table of programs stands. */
  #association = 0
  /** The last sample rate of each sound, and where the first table stands since it was heard. */
  readonly #rates = new Map<number, number>()
  readonly #tables = new Map<number, number>()
  /** Another rate that was seen once: what begins in the middle of a frame may look like a header. */
  readonly #others = new Map<number, { readonly rate: number; readonly table: number }>()

  /** Whether packets of a number say something of that: pictures, most of a file, don't. */
  concerns(pid: number): boolean {
    return pid === 0 || this.#maps.has(pid) || this.#program?.get(pid)?.startsWith("sound") === true
  }

  /** @param at where the packet stands in the file, with what is in front of its mark */
  meet(pid: number, packet: Buffer, at: number): void {
    if (pid === 0) this.#associate(packet, at)
    else if (this.#maps.has(pid)) this.#describe(packet)
    else this.#hear(pid, packet)
  }

  #begin(at: number): void {
    if (at > (this.starts.at(-1) ?? 0)) this.starts.push(at)
  }

  #associate(packet: Buffer, at: number): void {
    const table = tableIn(packet, 0)
    if (table === undefined) return
    this.#maps = mapsOf(table)
    this.#association = at
    for (const sound of this.#rates.keys()) if (!this.#tables.has(sound)) this.#tables.set(sound, at)
  }

  #describe(packet: Buffer): void {
    const table = tableIn(packet, 2)
    const program: Program = table === undefined ? new Map() : programOf(table)
    // Of several programs each goes on by itself.
    if (program.size === 0 || this.#maps.size > 1) return
    if (this.#program !== undefined && isOther(this.#program, program)) {
      this.#begin(this.#association)
      for (const known of [this.#rates, this.#tables, this.#others]) known.clear()
    }
    this.#program = program
  }

  #hear(pid: number, packet: Buffer): void {
    const rate = beginsIn(packet) ? rateIn(packet) : undefined
    const [before, table, other] = [this.#rates.get(pid), this.#tables.get(pid), this.#others.get(pid)]
    if (rate !== undefined && before === undefined) this.#rates.set(pid, rate)
    else if (rate === before) this.#others.delete(pid)
    else if (rate !== undefined && other?.rate === rate) {
      this.#begin(other.table)
      this.#rates.set(pid, rate)
      this.#others.delete(pid)
    } else if (rate !== undefined && table !== undefined) this.#others.set(pid, { rate, table })
    this.#tables.delete(pid)
  }
}

/**
 * Where recordings begin behind each other in a transport stream whose streams are coded otherwise from there on, have other numbers or
 * another sample rate: libav keeps to what it found first.
 */
export const starts = (read: ReadBytes, { first, step }: Packing, size: number): ReadonlyArray<number> => {
  const recordings = new Recordings()
  const packets = Math.floor(CHUNK / step)
  for (let start = first; start < size && recordings.starts.length < MOST_PARTS; start += packets * step) {
    const bytes = read(packets * step, start)
    for (let at = 0; at + PACKET <= bytes.length; at += step) {
      // What was cut off, or written between, is the decoder's to meet.
      if (bytes[at] !== SYNC) return recordings.starts
      const pid = pidAt(bytes, at + 1)
      if (recordings.concerns(pid)) recordings.meet(pid, bytes.subarray(at, at + PACKET), start + at - first)
    }
  }
  return recordings.starts
}
