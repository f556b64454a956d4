import { at, CHUNK, MOST_PARTS, type ReadBytes } from "./FileBytes.js"
import * as SoundTags from "./SoundTags.js"

/** Where a file ends that begins at a byte, as its header says; `undefined` where it says nothing. */
type EndOf = (read: ReadBytes, start: number, size: number) => number | undefined

/** A container whose files may stand behind each other: players stop after the first. */
interface Container {
  readonly begins: (bytes: Buffer) => boolean
  readonly end: EndOf
}

/** From this size on, a header says nothing. */
const UNKNOWN = 0x7f00_0000

const told = (start: number, bytes: number): number | undefined =>
  bytes === 0 || bytes >= UNKNOWN ? undefined : start + bytes + (bytes & 1)

/** WAV and AIFF: one chunk that holds all others. */
const chunked = (mark: string, kinds: ReadonlyArray<string>, order: "BE" | "LE"): Container => ({
  begins: (bytes) => at(bytes, 0, mark) && kinds.some((kind) => at(bytes, 8, kind)),
  end: (read, start) => {
    const head = read(8, start)
    return head.length < 8 ? undefined : told(start + 8, order === "BE" ? head.readUInt32BE(4) : head.readUInt32LE(4))
  }
})

/** AVI: a chunk, and more of them behind it where it is large (OpenDML). */
const avi: Container = {
  begins: (bytes) => at(bytes, 0, "RIFF") && at(bytes, 8, "AVI "),
  end: (read, start, size) => {
    for (let position = start; position < size;) {
      const head = read(12, position)
      if (position > start && !(at(head, 0, "RIFF") && at(head, 8, "AVIX"))) return position
      const end = head.length < 12 ? undefined : told(position + 8, head.readUInt32LE(4))
      if (end === undefined) return undefined
      position = end
    }
    return size
  }
}

/** WAV with sizes in 64 bits (EBU 3306, ITU-R BS.2088): the first chunk holds them. */
const wave64 = (mark: string): Container => ({
  begins: (bytes) => at(bytes, 0, mark) && at(bytes, 8, "WAVE"),
  end: (read, start, size) => {
    const sizes = read(16, start + 12)
    const bytes = at(sizes, 0, "ds64") && sizes.length === 16 ? sizes.readBigUInt64LE(8) : 0n
    return bytes === 0n || bytes > BigInt(size) ? undefined : start + 8 + Number(bytes + (bytes & 1n))
  }
})

const W64 = Buffer.from("726966662e91cf11a5d628db04c10000", "hex")

const w64: Container = {
  begins: (bytes) => bytes.subarray(0, W64.length).equals(W64),
  end: (read, start, size) => {
    const head = read(8, start + W64.length)
    const bytes = head.length === 8 ? head.readBigUInt64LE(0) : 0n
    return bytes <= 40n || bytes > BigInt(size) ? undefined : start + Math.ceil(Number(bytes) / 8) * 8
  }
}

/** The highest number of a block in a VOC. */
const VOC_BLOCKS = 9

/** VOC: blocks behind each other, with or without one that says it is the last. */
const voc: Container = {
  begins: (bytes) => at(bytes, 0, "Creative Voice F"),
  end: (read, start, size) => {
    const head = read(26, start)
    let position = head.length < 26 ? size : start + head.readUInt16LE(20)
    while (position < size) {
      const block = read(16, position)
      const kind = block[0] ?? 0
      if (kind === 0) return position + 1
      if (kind > VOC_BLOCKS || block.length < 4) return voc.begins(block) ? position : undefined
      position += 4 + block.readUIntLE(1, 3)
    }
    return size
  }
}

const au: Container = {
  begins: (bytes) => at(bytes, 0, ".snd"),
  end: (read, start) => {
    const head = read(12, start)
    return head.length < 12 || head.readUInt32BE(8) >= UNKNOWN ? undefined : start + head.readUInt32BE(4) + head.readUInt32BE(8)
  }
}

const caf: Container = {
  begins: (bytes) => at(bytes, 0, "caff\0\x01"),
  end: (read, start, size) => {
    let position = start + 8
    while (position + 12 <= size) {
      const head = read(12, position)
      if (at(head, 0, "caff")) return position
      const bytes = head.readBigInt64BE(4)
      if (bytes < 0n || bytes > BigInt(size)) return undefined
      position += 12 + Number(bytes)
    }
    return position
  }
}

/** True Audio: a header of 22 bytes, and the length of every frame, each of 256/245 s. */
const tta: Container = {
  begins: (bytes) => at(bytes, 0, "TTA1"),
  end: (read, start) => {
    const head = read(22, start)
    if (head.length < 22) return undefined
    const frame = Math.floor((head.readUInt32LE(10) * 256) / 245)
    const frames = frame > 0 ? Math.ceil(head.readUInt32LE(14) / frame) : 0
    const table = read(frames * 4, start + 22)
    if (frames === 0 || frames > MOST_FRAMES || table.length < frames * 4) return undefined
    let bytes = 22 + frames * 4 + 4
    for (let n = 0; n < frames; n++) bytes += table.readUInt32LE(n * 4)
    return start + bytes
  }
}

/** Frames of a True Audio of four days. */
const MOST_FRAMES = 350_000

/** WavPack: blocks that count their samples from the beginning of their file. */
const wavpack: Container = {
  begins: (bytes) => at(bytes, 0, "wvpk"),
  end: (read, start, size) => {
    let [position, hasSamples] = [start, false]
    while (position + 32 <= size) {
      const head = read(32, position)
      if (!at(head, 0, "wvpk")) return position
      const [index, samples, flags] = [head.readUInt32LE(16), head.readUInt32LE(20), head.readUInt32LE(24)]
      if (hasSamples && index === 0 && (flags & FIRST_OF_SEQUENCE) !== 0) return position
      hasSamples ||= samples > 0
      position += 8 + head.readUInt32LE(4)
    }
    return position
  }
}

/** The block holds the first channels of what sounds at a time. */
const FIRST_OF_SEQUENCE = 0x800

/** MP4 and its relatives: a second `ftyp` begins another file once the first had its header and its samples. */
const mp4: Container = {
  begins: (bytes) => at(bytes, 4, "ftyp"),
  end: (read, start, size) => {
    const seen = new Set<string>()
    let position = start
    while (position + 16 <= size) {
      const box = read(16, position)
      const type = box.toString("latin1", 4, 8)
      if (type === "ftyp" && seen.has("moov") && (seen.has("mdat") || seen.has("moof"))) return position
      seen.add(type)
      const short = box.readUInt32BE(0)
      const bytes = short === 1 ? Number(box.readBigUInt64BE(8)) : short
      if (bytes < 8) return undefined
      position += bytes
    }
    return position
  }
}

/** Bytes after a mark that tell whether it is one. */
const AFTER = 16

/** Where a file begins next that has a mark; `undefined` where none does. */
const next = (read: ReadBytes, mark: Buffer, begins: Container["begins"], from: number, size: number): number | undefined => {
  for (let start = from; start < size; start += CHUNK) {
    const bytes = read(CHUNK + AFTER, start)
    for (let at = bytes.indexOf(mark); at >= 0 && at < CHUNK; at = bytes.indexOf(mark, at + 1))
      if (begins(bytes.subarray(at, at + AFTER))) return start + at
  }
  return undefined
}

const FLAC = Buffer.from("fLaC")

/** The mark, and a first block of 34 bytes that says what the samples are (RFC 9639, 8.1). */
const isFlac = (bytes: Buffer): boolean => at(bytes, 0, "fLaC") && ((bytes[4] ?? 1) & 0x7f) === 0 && at(bytes, 5, "\0\0\x22")

const flac: Container = {
  begins: isFlac,
  end: (read, start, size) => next(read, FLAC, isFlac, start + FLAC.length, size)
}

const ASF = Buffer.from("3026b2758e66cf11a6d900aa0062ce6c", "hex")
const ASF_FILE = Buffer.from("a1dcab8c47a9cf118ee400c00c205365", "hex")

const isAsf = (bytes: Buffer): boolean => bytes.subarray(0, ASF.length).equals(ASF)

/** A file says how large it is; one that was cut, or written into a pipe, says another size than its own. */
const asf: Container = {
  begins: isAsf,
  end: (read, start, size) => {
    const head = read(CHUNK, start)
    const properties = head.indexOf(ASF_FILE)
    const bytes = properties < 0 || properties + 48 > head.length ? 0n : head.readBigUInt64LE(properties + 40)
    return bytes === BigInt(size - start) ? size : next(read, ASF, isAsf, start + ASF.length, size)
  }
}

const FLV = Buffer.from("FLV\x01")
const FLV_SIZE = Buffer.from("\0\x08filesize\0", "latin1")

/** `FLV`, version 1, and a first tag that has none before it. */
const isFlv = (bytes: Buffer): boolean => at(bytes, 0, "FLV\x01") && at(bytes, 5, "\0\0\0\x09\0\0\0\0")

const flv: Container = {
  begins: isFlv,
  end: (read, start, size) => {
    const head = read(4096, start)
    const told = head.indexOf(FLV_SIZE) + FLV_SIZE.length
    const isTold = told >= FLV_SIZE.length && told + 8 <= head.length
    return isTold && head.readDoubleBE(told) === size - start ? size : next(read, FLV, isFlv, start + FLV.length, size)
  }
}

const containers: ReadonlyArray<Container> = [
  chunked("RIFF", ["WAVE"], "LE"),
  chunked("RIFX", ["WAVE"], "BE"),
  chunked("FORM", ["AIFF", "AIFC"], "BE"),
  avi,
  wave64("RF64"),
  wave64("BW64"),
  w64,
  voc,
  au,
  caf,
  tta,
  wavpack,
  flac,
  mp4,
  asf,
  flv
]

/** Where the files begin that stand behind each other; one where there is but one. */
export const starts = (read: ReadBytes, head: Buffer, size: number): ReadonlyArray<number> => {
  const container = containers.find(({ begins }) => begins(head))
  const found = [0]
  for (let start: number | undefined = 0; container !== undefined && start !== undefined && found.length < MOST_PARTS;) {
    const end: number | undefined = container.end(read, start, size)
    // The first may have tags behind it.
    const begins = end === undefined ? size : SoundTags.after(read, end)
    start = begins > start && begins < size && container.begins(read(16, begins)) ? begins : undefined
    if (start !== undefined) found.push(start)
  }
  return found
}

/** Rate, channels and bits of a FLAC, as its first block says. */
const shapeOf = (read: ReadBytes, start: number): string => {
  const bytes = read(22, start)
  return isFlac(bytes) ? `${bytes.toString("hex", 18, 21)} ${(bytes[21] ?? 0) >> 4}` : ""
}

/** Leaves out those of the beginnings at which libav goes on by itself: of a FLAC with the same rate, channels and bits. */
export const apart = (read: ReadBytes, starts: ReadonlyArray<number>): ReadonlyArray<number> =>
  starts.filter((start, n) => {
    const shape = shapeOf(read, start)
    return n === 0 || shape === "" || shape !== shapeOf(read, starts[n - 1] ?? 0)
  })
