import { Either } from "effect"
import { type TagError, unsupported } from "./TagError.js"

/** A box of an MP4, which is in memory. */
export interface Mp4Box {
  readonly name: string
  /** Of its header. */
  readonly start: number
  /** Where what is in it begins. */
  readonly body: number
  readonly end: number
}

/** Boxes that follow each other, and where they end: QuickTime closes user data with four zeros. */
export const boxesIn = (bytes: Buffer, from: number, to: number): Either.Either<ReadonlyArray<Mp4Box>, TagError> => {
  const found: Array<Mp4Box> = []
  for (let start = from; start + 8 <= to;) {
    const said = bytes.readUInt32BE(start)
    const body = start + (said === 1 ? 16 : 8)
    const size = said === 1 && body <= to ? Number(bytes.readBigUInt64BE(start + 8)) : said === 0 ? to - start : said
    if (size < body - start || start + size > to) return Either.left(unsupported("the boxes of the MP4 don't fit together"))
    found.push({ name: bytes.toString("latin1", start + 4, start + 8), start, body, end: start + size })
    start += size
  }
  return Either.right(found)
}

/** A box with what is in it. */
export const box = (name: string, ...parts: ReadonlyArray<Buffer>): Buffer => {
  const size = parts.reduce((sum, { length }) => sum + length, 8)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(size)
  head.write(name, 4, "latin1")
  return Buffer.concat([head, ...parts])
}

/** A box, or why none is made. */
export type Made = Either.Either<Buffer, TagError>

/** A box with other contents: its header is of the usual eight bytes. */
export const refilled = (bytes: Buffer, { body, end, name }: Mp4Box, fill: (inner: Buffer) => Made): Made =>
  Either.map(fill(bytes.subarray(body, end)), (inner) => box(name, inner))

/**
 * A box's contents with one box in it replaced, or added at its end.
 *
 * @param from where the first of its boxes begins
 * @param make is given the box, if it is there
 */
export const replaced = (
  inner: Buffer,
  from: number,
  name: string,
  make: (bytes: Buffer, old: Mp4Box | undefined) => Made
): Made =>
  Either.gen(function* () {
    const boxes = yield* boxesIn(inner, from, inner.length)
    const old = boxes.find((box) => box.name === name)
    const start = old?.start ?? boxes.at(-1)?.end ?? from
    return Buffer.concat([inner.subarray(0, start), yield* make(inner, old), inner.subarray(old?.end ?? start)])
  })
