import { createHash, type Hash } from "node:crypto"
import { Effect, Either } from "effect"
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { notWritten, type TagError, unsupported } from "./TagError.js"

/** A stretch of a file. */
export interface Part {
  /** What it is, where it must stay: `data`, `bext`, `mdat`; the sound itself or a part that no tag belongs to. */
  readonly name: string
  readonly start: number
  readonly end: number
}

export type Container = "wav" | "mp3" | "flac" | "ogg" | "mp4" | "aiff" | "matroska"

/** Reads from a file that is open. */
export interface Reader {
  readonly size: number
  readonly at: (position: number, length: number) => Buffer
}

/** @param use reads while the file is open */
export const withReader = <A>(
  path: string | Buffer,
  use: (reader: Reader) => Effect.Effect<A, TagError>
): Effect.Effect<A, TagError> =>
  Effect.acquireUseRelease(
    Effect.try({ try: () => openSync(path, "r"), catch: notWritten }),
    (handle) =>
      Effect.flatten(
        Effect.try({
          try: () =>
            use({
              size: fstatSync(handle).size,
              at: (position, length) => {
                const bytes = Buffer.alloc(length)
                return bytes.subarray(0, readSync(handle, bytes, 0, length, position))
              }
            }),
          catch: notWritten
        })
      ),
    (handle) => Effect.sync(() => closeSync(handle))
  )

/** The container by its first bytes; `undefined` for what isn't written to. */
export const containerOf = ({ at }: Reader): Container | undefined => {
  const head = at(0, 12)
  const text = head.toString("latin1")
  if (/^(RIFF|RF64|BW64)....WAVE/s.test(text)) return "wav"
  if (/^FORM....AIF[FC]/s.test(text)) return "aiff"
  if (text.startsWith("\x1a\x45\xdf\xa3")) return "matroska"
  if (text.startsWith("fLaC")) return "flac"
  if (text.startsWith("OggS")) return "ogg"
  if (text.slice(4, 8) === "ftyp") return "mp4"
  return text.startsWith("ID3") || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2) ? "mp3" : undefined
}

/** The four bytes of an ID3v2 size. */
const synchsafe = (bytes: Buffer): number => bytes.reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0)

/** Where an ID3v2 tag at the start ends. */
const afterId3 = ({ at }: Reader): number => {
  const head = at(0, 10)
  return head.toString("latin1", 0, 3) === "ID3" ? 10 + synchsafe(head.subarray(6, 10)) + ((head[5] ?? 0) & 0x10 ? 10 : 0) : 0
}

/** The size of the data chunk of an RF64 file, whose own field says -1. */
const ds64 = ({ at }: Reader): number | undefined =>
  at(12, 4).toString("latin1") === "ds64" ? Number(at(28, 8).readBigUInt64LE()) : undefined

/** Chunks of a RIFF or AIFF file, each with its header. */
export const chunks = (reader: Reader, container: "wav" | "aiff"): Either.Either<ReadonlyArray<Part>, TagError> => {
  const found: Array<Part> = []
  for (let start = 12; start + 8 <= reader.size;) {
    const head = reader.at(start, 8)
    const name = head.toString("latin1", 0, 4)
    const said = container === "wav" ? head.readUInt32LE(4) : head.readUInt32BE(4)
    const size = container === "wav" && said === 0xffffffff ? (ds64(reader) ?? said) : said
    const end = start + 8 + size
    if (end > reader.size) return Either.left(unsupported(`the chunk '${name}' is longer than the file`))
    found.push({ name, start, end })
    start = end + (size % 2)
  }
  return Either.right(found)
}

/** The outermost boxes of an MP4. */
export const boxes = (reader: Reader): Either.Either<ReadonlyArray<Part>, TagError> => {
  const found: Array<Part> = []
  for (let start = 0; start + 8 <= reader.size;) {
    const head = reader.at(start, 16)
    const said = head.readUInt32BE(0)
    const size = said === 1 ? Number(head.readBigUInt64BE(8)) : said === 0 ? reader.size - start : said
    if (size < 8 || start + size > reader.size) return Either.left(unsupported("the boxes of the MP4 don't fit together"))
    found.push({ name: head.toString("latin1", 4, 8), start, end: start + size })
    start += size
  }
  return Either.right(found)
}

interface Vint {
  readonly value: number
  /** Bytes */
  readonly length: number
}

/** A number of EBML at a place: its first zero bits say how many bytes it has, and are a part of an id, but not of a size. */
const vint = (reader: Reader, at: number, isId: boolean): Either.Either<Vint, TagError> => {
  const bytes = reader.at(at, 8)
  const first = bytes[0] ?? 0
  const length = Math.clz32(first) - 23
  if (length > 8 || bytes.length < length)
    return Either.left(unsupported("the elements of the Matroska file don't follow each other"))
  const rest = bytes.subarray(1, length)
  const lead = isId ? first : first & (0xff >> length)
  const isUnknown = !isId && lead === 0xff >> length && rest.every((byte) => byte === 0xff)
  return isUnknown
    ? Either.left(unsupported("it was streamed, and the length of its parts isn't known"))
    : Either.right({ value: rest.reduce((sum, byte) => sum * 256 + byte, lead), length })
}

const SEGMENT = 0x18538067

/** Elements of a Matroska file, those within its segment one by one. */
const ebmlElements = (reader: Reader): Either.Either<ReadonlyArray<Part>, TagError> =>
  Either.gen(function* () {
    const found: Array<Part> = []
    for (let at = 0; at < reader.size;) {
      const id = yield* vint(reader, at, true)
      const size = yield* vint(reader, at + id.length, false)
      const start = at + id.length + size.length
      if (start + size.value > reader.size)
        return yield* Either.left(unsupported("an element of the Matroska file is longer than the file"))
      at = id.value === SEGMENT ? start : start + size.value
      if (id.value !== SEGMENT) found.push({ name: id.value.toString(16), start, end: at })
    }
    return found
  })

/** By id: seek head, tags, and room that nothing is in. */
const isMatroskaTag = (id: string): boolean => ["114d9b74", "1254c367", "ec"].includes(id)

/** Kinds of metadata blocks, by number. */
const FLAC_BLOCKS = ["STREAMINFO", "PADDING", "APPLICATION", "SEEKTABLE", "VORBIS_COMMENT", "CUESHEET", "PICTURE"]

/** Metadata blocks and, as the last part, the sound. */
export const flacBlocks = (reader: Reader): Either.Either<ReadonlyArray<Part>, TagError> => {
  const found: Array<Part> = []
  for (let start = 4; ;) {
    const head = reader.at(start, 4)
    if (head.length < 4) return Either.left(unsupported("the FLAC ends in its metadata"))
    const end = start + 4 + head.readUIntBE(1, 3)
    const type = (head[0] ?? 0) & 0x7f
    found.push({ name: FLAC_BLOCKS[type] ?? `block ${type}`, start: start + 1, end })
    start = end
    if (((head[0] ?? 0) & 0x80) !== 0) return Either.right([...found, { name: "frames", start, end: reader.size }])
  }
}

/** Bytes of Ogg packets by stream, without the comments: the second packet of each stream. Pages may be cut in another way. */
const oggHash = (reader: Reader): Either.Either<string, TagError> => {
  const hash = createHash("sha256")
  const packets = new Map<number, number>()
  for (let at = 0; at < reader.size;) {
    const head = reader.at(at, 27)
    if (head.toString("latin1", 0, 4) !== "OggS") return Either.left(unsupported("the pages of the Ogg don't follow each other"))
    const serial = head.readUInt32LE(14)
    const lacing = reader.at(at + 27, head[26] ?? 0)
    let position = at + 27 + lacing.length
    for (const length of lacing) {
      const packet = packets.get(serial) ?? 0
      if (packet !== 1) hash.update(reader.at(position, length))
      position += length
      if (length < 255) {
        if (packet !== 1) hash.update(`${serial}:${packet};`)
        packets.set(serial, packet + 1)
      }
    }
    at = position
  }
  return Either.right(hash.digest("hex"))
}

const without =
  (isTag: (name: string) => boolean) =>
  (parts: ReadonlyArray<Part>): ReadonlyArray<Part> =>
    parts.filter(({ name }) => !isTag(name))

const partsOf = (reader: Reader, container: Exclude<Container, "ogg">): Either.Either<ReadonlyArray<Part>, TagError> => {
  switch (container) {
    case "mp3":
      return Either.right([{ name: "frames", start: afterId3(reader), end: reader.size }])
    case "flac":
      return Either.map(
        flacBlocks(reader),
        without((name) => name === "PADDING" || name === "VORBIS_COMMENT")
      )
    case "mp4":
      return Either.map(
        boxes(reader),
        without((name) => name === "moov" || name === "free" || name === "skip")
      )
    case "aiff":
      return Either.map(
        chunks(reader, container),
        without((name) => name === "ID3 ")
      )
    case "matroska":
      return Either.map(ebmlElements(reader), without(isMatroskaTag))
    case "wav":
      return Either.map(chunks(reader, container), without(isTagChunk))
  }
}

/** Chunks that hold tags, or held them. */
const isTagChunk = (name: string): boolean => /^id3 $/i.test(name) || name === "JUNK" || name === "ds64"

const STEP = 1 << 20

const hashPart = (reader: Reader, { end, start }: Part, hash: Hash): Hash => {
  for (let at = start; at < end; at += STEP) hash.update(reader.at(at, Math.min(STEP, end - at)))
  return hash
}

/** The parts of a file that tags don't belong to, each with its name and its hash; of Ogg, whose pages are cut anew, nothing is said. */
export const partsWithHash = (path: string | Buffer): Effect.Effect<ReadonlyArray<string>, TagError> =>
  withReader(path, (reader) => {
    const container = containerOf(reader)
    if (container === undefined || container === "ogg") return Either.right([])
    const hashed = (part: Part) => `${part.name} ${hashPart(reader, part, createHash("sha256")).digest("hex")}`
    return Either.map(partsOf(reader, container), (parts) => parts.map(hashed))
  })

/**
 * Hash of everything in a file that tags don't belong to: the sound and the pictures, and every chunk or block beside the tags, in
 * their order. Two forms of a file with the same hash differ in their tags alone.
 */
export const essenceOf = (path: string | Buffer): Effect.Effect<string, TagError> =>
  withReader(path, (reader) => {
    const container = containerOf(reader)
    if (container === undefined) return Either.left(unsupported("no tags are written into this format"))
    if (container === "ogg") return oggHash(reader)
    return Either.map(partsOf(reader, container), (parts) => {
      const hash = createHash("sha256")
      for (const part of parts) {
        hash.update(`${FLAC_BLOCKS.includes(part.name) ? FLAC_BLOCKS.indexOf(part.name) : part.name}:${part.end - part.start};`)
        hashPart(reader, part, hash)
      }
      return hash.digest("hex")
    })
  })
