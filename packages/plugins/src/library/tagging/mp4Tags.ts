import { Effect, Either } from "effect"
import { createHash } from "node:crypto"
import { boxes, type Part, type Reader, withReader } from "./essence.js"
import { box, boxesIn, type Made, type Mp4Box, refilled, replaced } from "./Mp4Box.js"
import { replaceRange } from "./replaceRange.js"
import { type TagError, unsupported } from "./TagError.js"
import type { Said } from "./taglibTags.js"
import { COMMENT, GENRE, type TagValue } from "./tagValues.js"

/** The namespace of our fields. */
const MEAN = "com.mediaspool"

/** Where iTunes keeps the standard fields. */
const STANDARD: Readonly<Record<string, string>> = { [COMMENT]: "\xa9cmt", [GENRE]: "\xa9gen" }

/** Of which an MP4 has more than one level; `meta` is one too. */
const CONTAINERS = ["trak", "mdia", "minf", "stbl", "edts", "udta"]

/** Room that nothing is in. */
const isRoom = (name: string): boolean => name === "free" || name === "skip"

/** Where the boxes of a `meta` begin: in an MP4 behind a version, in QuickTime at once. */
const insideMeta = (inner: Buffer): number => (inner.toString("latin1", 4, 8) === "hdlr" ? 0 : 4)

/** Refuses a `meta` whose list is another than that of iTunes. */
const checkHandler = (inner: Buffer): Either.Either<void, TagError> =>
  Either.flatMap(boxesIn(inner, insideMeta(inner), inner.length), (boxes) => {
    const handler = boxes.find(({ name }) => name === "hdlr")
    const kind = handler === undefined ? "" : inner.toString("latin1", handler.body + 8, handler.body + 12)
    return kind === "mdir" ? Either.void : Either.left(unsupported(`its metadata is of the form '${kind}', not of iTunes'`))
  })

/** An entry of the list: what it is called, and its text; `undefined` for one that is none of the fields that are written. */
interface Entry {
  readonly name: string
  readonly value: string
}

const entryOf = (bytes: Buffer, entry: Mp4Box): Either.Either<Entry | undefined, TagError> =>
  Either.map(boxesIn(bytes, entry.body, entry.end), (inner) => {
    // Four bytes of version before a name, and four of a language as well before a value.
    const text = (name: string, skipped: number) => {
      const found = inner.find((box) => box.name === name)
      return found === undefined ? "" : bytes.toString("utf8", Math.min(found.end, found.body + skipped), found.end)
    }
    const standard = Object.keys(STANDARD).find((name) => STANDARD[name] === entry.name)
    if (standard !== undefined) return { name: standard, value: text("data", 8) }
    return entry.name === "----" && text("mean", 4) === MEAN ? { name: text("name", 4), value: text("data", 8) } : undefined
  })

const isOurs = (name: string, names: ReadonlyArray<string>): boolean => STANDARD[name] === undefined || names.includes(name)

/** Says that the list is one of iTunes. */
const HANDLER = box("hdlr", Buffer.alloc(8), Buffer.from("mdirappl", "latin1"), Buffer.alloc(9))

const VERSION = Buffer.alloc(4)

/** Where samples lie, by the box that holds them and their place in it: moving a box changes neither. */
const placed = (bytes: Buffer, { body, end, name }: Mp4Box, tops: ReadonlyArray<Part>): string => {
  const width = name === "co64" ? 8 : 4
  const hash = createHash("sha256")
  for (let at = body + 8; at + width <= end; at += width) {
    const offset = width === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUInt32BE(at)
    const top = tops.findIndex(({ end, start }) => offset >= start && offset < end)
    hash.update(`${top} ${offset - (tops[top]?.start ?? 0)};`)
  }
  return hash.digest("hex")
}

/** The movie's description, and the other boxes of the file around it. */
const movieOf = (reader: Reader) =>
  Either.gen(function* () {
    const all = yield* boxes(reader)
    const moov = all.filter(({ name }) => name === "moov")
    const [movie] = moov
    if (movie === undefined || moov.length > 1)
      return yield* Either.left(unsupported("an MP4 has one movie, and this one hasn't"))
    return { movie, bytes: reader.at(movie.start, movie.end - movie.start), tops: all.filter(({ name }) => !isRoom(name)) }
  })

/**
 * What the tags and all else of the movie say.
 *
 * @param names the standard fields among them count as ours
 */
export const readMp4Tags = (reader: Reader, names: ReadonlyArray<string>): Either.Either<Said, TagError> =>
  Either.gen(function* () {
    const { bytes, tops } = yield* movieOf(reader)
    const ours: Record<string, string> = {}
    const others: Array<string> = []
    const walk = (from: number, to: number, path: string): Either.Either<void, TagError> =>
      Either.gen(function* () {
        for (const each of yield* boxesIn(bytes, from, to)) {
          const { body, end, name, start } = each
          if (isRoom(name)) continue
          const place = `${path}${name}`
          if (CONTAINERS.includes(name) || place === "udta meta ilst") yield* walk(body, end, `${place} `)
          else if (place === "udta meta") yield* walk(body + insideMeta(bytes.subarray(body, end)), end, `${place} `)
          else if (name === "stco" || name === "co64") others.push(`${name} ${placed(bytes, each, tops)}`)
          else {
            const entry = path === "udta meta ilst " ? yield* entryOf(bytes, each) : undefined
            if (entry !== undefined && isOurs(entry.name, names)) ours[entry.name] = entry.value
            // Where there was no list, its head is ours as well.
            else if (place !== "udta meta hdlr" || !bytes.subarray(start, end).equals(HANDLER))
              others.push(`${name} ${createHash("sha256").update(bytes.subarray(start, end)).digest("hex")}`)
          }
        }
      })
    const [whole] = yield* boxesIn(bytes, 0, bytes.length)
    if (whole !== undefined) yield* walk(whole.body, whole.end, "")
    return { others: others.sort(), ours }
  })

/** UTF-8, of no language. */
const TEXT = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0])

const entry = ([name, value]: TagValue): Buffer => {
  const data = box("data", TEXT, Buffer.from(value, "utf8"))
  const standard = STANDARD[name]
  return standard === undefined
    ? box("----", box("mean", VERSION, Buffer.from(MEAN)), box("name", VERSION, Buffer.from(name)), data)
    : box(standard, data)
}

/** A list with our entries in the place of those of the same name, or behind all others. */
const listed = (list: Buffer, values: ReadonlyArray<TagValue>): Made =>
  Either.gen(function* () {
    const left = new Map(values.map((value) => [value[0], value]))
    const kept: Array<Buffer> = []
    for (const each of yield* boxesIn(list, 0, list.length)) {
      const name = (yield* entryOf(list, each))?.name
      const value = values.find((value) => value[0] === name)
      if (name === undefined || value === undefined) kept.push(list.subarray(each.start, each.end))
      else if (left.delete(name)) kept.push(entry(value))
    }
    return Buffer.concat([...kept, ...[...left.values()].map(entry)])
  })

/** The movie with our entries. */
const tagged = (movie: Buffer, values: ReadonlyArray<TagValue>): Made => {
  const newList = box("ilst", ...values.map(entry))
  const list = (bytes: Buffer, old: Mp4Box | undefined): Made =>
    old === undefined ? Either.right(newList) : refilled(bytes, old, (inner) => listed(inner, values))
  const meta = (bytes: Buffer, old: Mp4Box | undefined): Made =>
    old === undefined
      ? Either.right(box("meta", VERSION, HANDLER, newList))
      : refilled(bytes, old, (inner) =>
          Either.flatMap(checkHandler(inner), () => replaced(inner, insideMeta(inner), "ilst", list))
        )
  const userData = (bytes: Buffer, old: Mp4Box | undefined): Made =>
    old === undefined
      ? Either.map(meta(bytes, undefined), (made) => box("udta", made))
      : refilled(bytes, old, (inner) => replaced(inner, 0, "meta", meta))
  return Either.flatMap(boxesIn(movie, 0, movie.length), ([whole]) =>
    whole === undefined ? Either.right(movie) : refilled(movie, whole, (inner) => replaced(inner, 0, "udta", userData))
  )
}

/** Moves the places of samples behind the movie, which grows. */
const shiftSamples = (movie: Buffer, behind: number, by: number): Either.Either<void, TagError> => {
  const walk = (from: number, to: number): Either.Either<void, TagError> =>
    Either.gen(function* () {
      for (const { body, end, name } of yield* boxesIn(movie, from, to)) {
        if (name === "saio")
          return yield* Either.left(unsupported("it is encrypted, and its tags can't grow without moving the sound"))
        if (CONTAINERS.includes(name) || name === "moov") yield* walk(body, end)
        if (name === "stco")
          for (let at = body + 8; at + 4 <= end; at += 4) {
            const offset = movie.readUInt32BE(at)
            if (offset < behind) continue
            if (offset + by > 0xffffffff)
              return yield* Either.left(unsupported("with tags its places would be larger than it can say"))
            movie.writeUInt32BE(offset + by, at)
          }
        if (name === "co64")
          for (let at = body + 8; at + 8 <= end; at += 8) {
            const offset = movie.readBigUInt64BE(at)
            if (offset >= BigInt(behind)) movie.writeBigUInt64BE(offset + BigInt(by), at)
          }
      }
    })
  return walk(0, movie.length)
}

/** The movie with our entries, its samples where they will lie, and the place of the one that it replaces. */
const movedMovie = (reader: Reader, values: ReadonlyArray<TagValue>) =>
  Either.gen(function* () {
    const { bytes, movie, tops } = yield* movieOf(reader)
    const moved = yield* tagged(bytes, values)
    const by = moved.length - bytes.length
    const behind = tops.filter(({ start }) => start >= movie.end)
    if (by !== 0 && behind.length > 0) {
      if (behind.some(({ name }) => name === "moof" || name === "mfra" || name === "sidx"))
        return yield* Either.left(unsupported("it is in fragments, and its tags can't grow without moving them"))
      yield* shiftSamples(moved, movie.end, by)
    }
    return { movie, moved }
  })

/**
 * Writes tags into an MP4: every other box keeps its bytes, and what lies behind the movie moves as a whole. In a file of fragments,
 * which say their places in more than one way, it would have to be at the end.
 */
export const writeMp4Tags = (path: string, values: ReadonlyArray<TagValue>): Effect.Effect<void, TagError> =>
  Effect.flatMap(
    withReader(path, (reader) => movedMovie(reader, values)),
    ({ moved, movie }) => replaceRange(path, movie.start, movie.end, moved)
  )
