import { Effect, Either } from "effect"
import { appendFileSync, closeSync, openSync, writeSync } from "node:fs"
import { chunks, type Part, type Reader, withReader } from "./essence.js"
import { notWritten, type TagError, unsupported } from "./TagError.js"
import type { Said } from "./taglibTags.js"
import { COMMENT, GENRE, OURS, type TagValue } from "./tagValues.js"

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const chunk = (id: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(id, "latin1"), number(body.length), body, Buffer.alloc(body.length % 2)])

const synchsafe = (value: number): Buffer => Buffer.from([21, 14, 7, 0].map((shift) => (value >>> shift) & 0x7f))

/** A frame of ID3v2.4 with a text in UTF-8: the comment without a description, the genre, or a user's text. */
const textFrame = (name: string, value: string): Buffer => {
  const [id, text] =
    name === COMMENT ? ["COMM", `XXX\0${value}\0`] : name === GENRE ? ["TCON", `${value}\0`] : ["TXXX", `${name}\0${value}\0`]
  const body = Buffer.concat([Buffer.of(3), Buffer.from(text, "utf8")])
  return Buffer.concat([Buffer.from(id, "latin1"), synchsafe(body.length), Buffer.alloc(2), body])
}

/** The frames of an ID3 chunk; `undefined` where they can't be kept as they are. */
const framesOf = (reader: Reader, { end, start }: Part): ReadonlyArray<Buffer> | undefined => {
  const tag = reader.at(start + 8, end - start - 8)
  if (tag.toString("latin1", 0, 3) !== "ID3" || tag[3] !== 4 || tag[5] !== 0) return undefined
  const found: Array<Buffer> = []
  for (let at = 10; at + 10 <= tag.length && tag[at] !== 0;) {
    const size = tag.subarray(at + 4, at + 8).reduce((sum, byte) => sum * 128 + byte, 0)
    if (at + 10 + size > tag.length) return undefined
    found.push(tag.subarray(at, at + 10 + size))
    at += 10 + size
  }
  return found
}

/** Texts of a frame, from a place on; the first byte of its body says how they are written. */
const textsOf = (frame: Buffer, from: number): ReadonlyArray<string> => {
  const body = frame.subarray(from)
  return (frame[10] === 0 ? body.toString("latin1") : frame[10] === 3 ? body.toString("utf8") : body.toString("utf16le"))
    .replaceAll("\uFEFF", "")
    .split("\0")
}

/** What a frame is called here, and what it says; `undefined` for one that is none of the fields that are written. */
const fieldOf = (frame: Buffer): readonly [name: string, value: string] | undefined => {
  const id = frame.toString("latin1", 0, 4)
  if (id === "TCON")
    return [
      GENRE,
      textsOf(frame, 11)
        .filter((text) => text !== "")
        .join("; ")
    ]
  // The language has three letters.
  const [name = "", value = ""] = textsOf(frame, id === "COMM" ? 14 : 11)
  if (id === "COMM" && name === "") return [COMMENT, value]
  return id === "TXXX" && name.startsWith(OURS) ? [name, value] : undefined
}

/** Whether a frame is one of ours, or a standard field that is asked for. */
const isTaken = (frame: Buffer, names: ReadonlyArray<string>): boolean => {
  const name = fieldOf(frame)?.[0]
  return name !== undefined && (name.startsWith(OURS) || names.includes(name))
}

const isId3 = ({ name }: Part): boolean => /^id3 $/i.test(name)

/**
 * What the ID3 chunks say; an older version of ID3 counts as one piece.
 *
 * @param names the standard fields among them count as ours
 */
export const readWavTags = (reader: Reader, names: ReadonlyArray<string>): Either.Either<Said, TagError> =>
  Either.map(chunks(reader, "wav"), (parts) => {
    const frames = parts
      .filter(isId3)
      .flatMap((part) => framesOf(reader, part) ?? [reader.at(part.start + 8, part.end - part.start - 8)])
    const ours = frames.flatMap((frame) => {
      const field = isTaken(frame, names) ? fieldOf(frame) : undefined
      return field === undefined ? [] : [field]
    })
    const others = frames
      .filter((frame) => !isTaken(frame, names))
      .map((frame) => `${frame.toString("latin1", 0, 4)} ${frame.toString("base64")}`)
    return { ours: Object.fromEntries(ours), others: others.sort() }
  })

/** What is appended to a file and patched in it, and its older tag chunks. */
const additionOf = (reader: Reader, values: ReadonlyArray<TagValue>) =>
  Either.gen(function* () {
    const form = reader.at(0, 4).toString("latin1")
    const old = (yield* chunks(reader, "wav")).filter(isId3)
    const frames = old.map((part) => framesOf(reader, part))
    const names = values.map(([name]) => name)
    // Our fields that are not written now stay as well.
    const kept = frames.flatMap((each) => each ?? []).filter((frame) => !names.includes(fieldOf(frame)?.[0] ?? ""))
    if (frames.some((each) => each === undefined))
      return yield* Either.left(unsupported("its ID3 tag is older than 2.4 and can't be moved without changing it"))
    const body = Buffer.concat([...kept, ...values.map(([name, value]) => textFrame(name, value))])
    const tag = chunk("ID3 ", Buffer.concat([Buffer.from([0x49, 0x44, 0x33, 4, 0, 0]), synchsafe(body.length), body]))
    const pad = reader.size % 2
    const size = reader.size + pad + tag.length - 8
    if (form === "RIFF" && size > 0xffffffff)
      return yield* Either.left(unsupported("with tags it would be larger than a WAV may be"))
    const long = Buffer.alloc(8)
    long.writeBigUInt64LE(BigInt(size))
    const patches = old.map(({ start }) => [start, Buffer.from("JUNK")] as const)
    return {
      tag: Buffer.concat([Buffer.alloc(pad), tag]),
      patches: [...patches, form === "RIFF" ? ([4, number(size)] as const) : ([20, long] as const)]
    }
  })

/**
 * Writes tags at the end of a WAV, BWF or RF64 file: nothing before the end is moved. An older tag chunk becomes `JUNK` in its place;
 * its frames are in the new one. RIFF INFO, which declares no encoding, is left alone.
 */
export const writeWavTags = (path: string, values: ReadonlyArray<TagValue>): Effect.Effect<void, TagError> =>
  Effect.gen(function* () {
    const { patches, tag } = yield* withReader(path, (reader) => additionOf(reader, values))
    yield* Effect.try({ try: () => appendFileSync(path, tag), catch: notWritten })
    yield* Effect.acquireUseRelease(
      Effect.try({ try: () => openSync(path, "r+"), catch: notWritten }),
      (handle) =>
        Effect.try({
          try: () => patches.forEach(([at, bytes]) => writeSync(handle, bytes, 0, bytes.length, at)),
          catch: notWritten
        }),
      (handle) => Effect.sync(() => closeSync(handle))
    )
  })
