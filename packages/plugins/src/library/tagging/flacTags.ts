import { Effect, Either } from "effect"
import { flacBlocks, type Reader, withReader } from "./essence.js"
import { replaceRange } from "./replaceRange.js"
import { type TagError, unsupported } from "./TagError.js"
import type { Said } from "./taglibTags.js"
import { isTaken, type TagValue } from "./tagValues.js"

/** The most bytes that a block has room for. */
const MOST = 0xffffff

const VENDOR = Buffer.from("Mediaspool")

/** A block of Vorbis comments: who wrote it, and `NAME=value` in UTF-8. */
interface Comments {
  readonly vendor: Buffer
  readonly entries: ReadonlyArray<Buffer>
}

const commentsOf = (body: Buffer): Either.Either<Comments, TagError> =>
  Either.gen(function* () {
    let at = 0
    const piece = (): Either.Either<Buffer, TagError> => {
      const start = at + 4
      at = start > body.length ? body.length + 1 : start + body.readUInt32LE(at)
      return at > body.length
        ? Either.left(unsupported("its comments are longer than their block"))
        : Either.right(body.subarray(start, at))
    }
    const vendor = yield* piece()
    const count = at + 4 > body.length ? 0 : body.readUInt32LE(at)
    at += 4
    const entries: Array<Buffer> = []
    for (let i = 0; i < count; i++) entries.push(yield* piece())
    return { vendor, entries }
  })

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const sized = (piece: Buffer): ReadonlyArray<Buffer> => [number(piece.length), piece]

const bodyOf = ({ entries, vendor }: Comments): Buffer =>
  Buffer.concat([...sized(vendor), number(entries.length), ...entries.flatMap(sized)])

/** A field's name, for which case means nothing. */
const nameOf = (entry: Buffer): string => entry.toString("utf8", 0, Math.max(0, entry.indexOf("="))).toUpperCase()

const valueOf = (entry: Buffer): string => entry.toString("utf8", entry.indexOf("=") + 1)

/** The blocks of a file, of which one has the comments, and what they say. */
const blocksOf = (reader: Reader) =>
  Either.gen(function* () {
    const blocks = (yield* flacBlocks(reader)).filter(({ name }) => name !== "frames")
    const found = blocks.filter(({ name }) => name === "VORBIS_COMMENT")
    const [block] = found
    if (found.length > 1) return yield* Either.left(unsupported("it has more than one block of comments"))
    // A block's place begins behind its first byte, with three bytes of its length.
    const comments: Comments =
      block === undefined
        ? { vendor: VENDOR, entries: [] }
        : yield* commentsOf(reader.at(block.start + 3, block.end - block.start - 3))
    return { blocks, block, comments }
  })

/** @param names the standard fields among them count as ours */
export const readFlacTags = (reader: Reader, names: ReadonlyArray<string>): Either.Either<Said, TagError> =>
  Either.map(blocksOf(reader), ({ block, comments }) => {
    const ours = new Map<string, Array<string>>()
    // Where there were no comments, who wrote them is ours as well.
    const isNew = block === undefined || comments.vendor.equals(VENDOR)
    const others: Array<string> = isNew ? [] : [`vendor=${comments.vendor.toString("base64")}`]
    for (const entry of comments.entries) {
      const name = nameOf(entry)
      if (!isTaken(name, names)) others.push(`${name}=${entry.toString("base64")}`)
      else ours.set(name, [...(ours.get(name) ?? []), valueOf(entry)])
    }
    return { others, ours: Object.fromEntries([...ours].map(([name, values]) => [name, values.join("; ")])) }
  })

/** A first byte (its kind, and whether it is the last block) and a length. */
const header = (kind: number, isLast: boolean, length: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  bytes[0] = kind | (isLast ? 0x80 : 0)
  return bytes
}

/** By kind. */
const [PADDING, VORBIS_COMMENT] = [1, 4]

/** All blocks with other comments, and where those end that they replace. */
const headOf = (reader: Reader, values: ReadonlyArray<TagValue>) =>
  Either.gen(function* () {
    const { block, blocks, comments } = yield* blocksOf(reader)
    const names = values.map(([name]) => name)
    const kept = comments.entries.filter((entry) => !names.includes(nameOf(entry)))
    const entries = [...kept, ...values.map(([name, value]) => Buffer.from(`${name}=${value}`, "utf8"))]
    const body = bodyOf({ ...comments, entries })
    if (body.length > MOST) return yield* Either.left(unsupported("with tags its comments would be larger than a block may be"))
    const parts = blocks.map((each) => ({
      kind: (reader.at(each.start - 1, 1)[0] ?? 0) & 0x7f,
      body: each === block ? body : reader.at(each.start + 3, each.end - each.start - 3)
    }))
    // Behind the first, which says what the sound is.
    if (block === undefined) parts.splice(1, 0, { kind: VORBIS_COMMENT, body })
    const end = blocks.at(-1)?.end ?? 4
    const length = parts.reduce((sum, { body }) => sum + 4 + body.length, 4)
    const room = parts.findLast(({ kind }) => kind === PADDING)
    const left = room === undefined ? -1 : room.body.length + end - length
    if (room !== undefined && left >= 0 && left <= MOST) room.body = Buffer.alloc(left)
    const head = Buffer.concat([
      Buffer.from("fLaC"),
      ...parts.flatMap(({ body, kind }, i) => [header(kind, i === parts.length - 1, body.length), body])
    ])
    return { end, head }
  })

/**
 * Writes fields into the comments of a FLAC: all other blocks keep their bytes and their places. Padding makes room, where there is
 * enough of it; else the sound moves as a whole.
 */
export const writeFlacTags = (path: string, values: ReadonlyArray<TagValue>): Effect.Effect<void, TagError> =>
  Effect.flatMap(
    withReader(path, (reader) => headOf(reader, values)),
    ({ end, head }) => replaceRange(path, 0, end, head)
  )
