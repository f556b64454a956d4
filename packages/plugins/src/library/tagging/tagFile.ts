import { RawPath } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { createHash } from "node:crypto"
import { constants, promises as fs } from "node:fs"
import { dirname } from "node:path"
import { copyFile } from "../copyFile.js"
import * as CopyBeside from "./CopyBeside.js"
import { type Container, containerOf, essenceOf, partsWithHash, withReader } from "./essence.js"
import { readFlacTags, writeFlacTags } from "./flacTags.js"
import { readMatroskaTags, writeMatroskaTags } from "./matroskaTags.js"
import { readMp4Tags, writeMp4Tags } from "./mp4Tags.js"
import { notWritten, TagError, unsupported } from "./TagError.js"
import { readTaglib, type Said, writeTaglib } from "./taglibTags.js"
import type { TagValue } from "./tagValues.js"
import * as UndoRecipe from "./undoRecipe.js"
import { readWavTags, writeWavTags } from "./wavTags.js"

const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, TagError> => Effect.tryPromise({ try: work, catch: notWritten })

const changed = (detail: string): TagError => new TagError({ code: "TagFileChanged", detail })
const notVerified = (detail: string): TagError => new TagError({ code: "TagNotVerified", detail })

/** The hash of a file's bytes, as the library knows contents by it. */
export const hashOf = (path: string): Effect.Effect<string, TagError> =>
  attempt(async () => {
    const hash = createHash("sha256")
    const handle = await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    for await (const chunk of handle.createReadStream()) hash.update(chunk)
    return hash.digest("hex")
  })

const said = (path: string, container: Container, names: ReadonlyArray<string>): Effect.Effect<Said, TagError> => {
  switch (container) {
    case "wav":
      return withReader(path, (reader) => readWavTags(reader, names))
    case "flac":
      return withReader(path, (reader) => readFlacTags(reader, names))
    case "mp4":
      return withReader(path, (reader) => readMp4Tags(reader, names))
    case "matroska":
      return readMatroskaTags(path, names)
    default:
      return readTaglib(path, container, names)
  }
}

const writeInto = (path: string, container: Container, values: ReadonlyArray<TagValue>): Effect.Effect<void, TagError> => {
  switch (container) {
    case "wav":
      return writeWavTags(path, values)
    case "flac":
      return writeFlacTags(path, values)
    case "mp4":
      return writeMp4Tags(path, values)
    case "matroska":
      return writeMatroskaTags(path, values)
    default:
      return writeTaglib(path, container, values)
  }
}

/** The container of a file that can be written to; otherwise why it can't. */
const writable = (path: string): Effect.Effect<Container, TagError> =>
  withReader(path, (reader) => {
    const container = containerOf(reader)
    return container === undefined
      ? unsupported("no tags are written into this format without losing something")
      : Effect.succeed(container)
  })

/** The stamp of a file: whoever writes it changes that. */
const stampOf = (path: string) =>
  Effect.map(
    attempt(() => fs.lstat(path, { bigint: true })),
    (stat) => ({ isFile: stat.isFile(), stamp: `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` })
  )

/** @param path absolute; a RawPath */
export const isThere = (path: string): Effect.Effect<boolean> => Effect.isSuccess(stampOf(path))

/** What is in a file already, and what would change. */
export interface TagDiff {
  readonly name: string
  readonly before: string | undefined
  readonly after: string
}

/** @param path absolute; a RawPath */
export const diff = (path: string, values: ReadonlyArray<TagValue>): Effect.Effect<ReadonlyArray<TagDiff>, TagError> =>
  Effect.gen(function* () {
    if (!RawPath.isText(path)) return yield* unsupported("its name is no text")
    const container = yield* writable(path)
    yield* Effect.mapError(
      attempt(() => fs.access(path, constants.W_OK)),
      () => new TagError({ code: "TagFileBusy", detail: "it can't be written to" })
    )
    const names = values.map(([name]) => name)
    const { ours } = yield* said(path, container, names)
    return values.map(([name, after]) => ({ name, before: ours[name], after })).filter(({ after, before }) => after !== before)
  })

/** What a write did, for the journal. */
export interface WrittenTags {
  readonly oldHash: string
  readonly newHash: string
  readonly essence: string
  readonly recipe: UndoRecipe.UndoRecipe
}

const synced = (path: string, flags: "r" | "r+"): Effect.Effect<void, TagError> =>
  Effect.acquireUseRelease(
    attempt(() => fs.open(path, flags)),
    (handle) => attempt(() => handle.sync()),
    (handle) => Effect.promise(() => handle.close())
  )

/** Puts a copy in the place of a file that nobody changed meanwhile, with its times and permissions. */
const putInPlace = (part: string, path: string, stamp: string): Effect.Effect<void, TagError> =>
  Effect.gen(function* () {
    const { atimeNs, gid, mode, mtimeNs, uid } = yield* attempt(() => fs.stat(path, { bigint: true }))
    yield* attempt(() => fs.chmod(part, Number(mode)))
    yield* Effect.ignore(attempt(() => fs.chown(part, Number(uid), Number(gid))))
    // As numbers of seconds: a Date has milliseconds alone.
    yield* attempt(() => fs.utimes(part, Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9))
    yield* synced(part, "r+")
    if ((yield* stampOf(path)).stamp !== stamp) return yield* changed("it was changed meanwhile")
    yield* attempt(() => fs.rename(part, path))
    yield* synced(dirname(path), "r")
  })

/** What is called otherwise, or not there, in the other form; each piece begins with its name. */
const lostOf = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): string => {
  const names = before.filter((piece) => !after.includes(piece)).map((piece) => piece.split(/[ =]/, 1)[0] ?? "")
  return names.length === 0 ? "the order of its parts" : [...new Set(names)].join(", ")
}

/** Fails unless the copy differs in our fields alone, and has these. */
const verified = (path: string, part: string, before: Said, after: Said, values: ReadonlyArray<TagValue>) =>
  Effect.gen(function* () {
    const essence = yield* essenceOf(path)
    if ((yield* essenceOf(part)) !== essence || JSON.stringify(after.others) !== JSON.stringify(before.others)) {
      const lost = lostOf([...before.others, ...(yield* partsWithHash(path))], [...after.others, ...(yield* partsWithHash(part))])
      return yield* notVerified(`something besides our fields would be changed or lost: ${lost}`)
    }
    if (values.some(([name, value]) => after.ours[name] !== value)) return yield* notVerified("the fields can't be read back")
    return essence
  })

/** What goes wrong while somebody else writes the file is that: what was compared with the copy is no longer what was copied. */
const unlessChanged =
  (path: string, stamp: string) =>
  <A, E, R>(work: Effect.Effect<A, TagError | E, R>): Effect.Effect<A, TagError | E, R> =>
    Effect.catchAll(work, (error) =>
      error instanceof TagError
        ? Effect.flatMap(Effect.option(stampOf(path)), (now): Effect.Effect<never, TagError | E> =>
            Option.isSome(now) && now.value.stamp === stamp ? Effect.fail(error) : changed("another program wrote it meanwhile")
          )
        : Effect.fail(error)
    )

/**
 * Writes fields into a copy beside the file, reads it again, compares everything that isn't ours, and puts it in the file's place.
 * What can't be verified is dropped, and so is the copy when it is interrupted: the file is then as it was.
 *
 * @param known hashes that the library knows the file by
 * @param commit run when the copy is verified, before it gets the file's name
 */
export const write = <E, R>(
  path: string,
  values: ReadonlyArray<TagValue>,
  known: (hash: string) => boolean,
  commit: (written: WrittenTags) => Effect.Effect<void, E, R>
): Effect.Effect<WrittenTags, TagError | E, R> =>
  Effect.gen(function* () {
    const { isFile, stamp } = yield* stampOf(path)
    if (!isFile) return yield* unsupported("it is no regular file")
    const oldHash = yield* hashOf(path)
    if (!known(oldHash)) return yield* changed("it is not what the library knows any more")
    return yield* Effect.gen(function* () {
      const container = yield* writable(path)
      const part = yield* CopyBeside.nameFor(path)
      yield* copyFile(path, part, notWritten)
      yield* attempt(() => fs.chmod(part, 0o600))
      const names = values.map(([name]) => name)
      const before = yield* said(part, container, names)
      yield* writeInto(part, container, values)
      const essence = yield* verified(path, part, before, yield* said(part, container, names), values)
      const recipe = yield* UndoRecipe.make(path, part)
      if ((yield* UndoRecipe.hashOf(recipe, part)) !== oldHash)
        return yield* notVerified("the old form can't be made of the new one")
      const written = { oldHash, newHash: yield* hashOf(part), essence, recipe }
      // Never stopped between the journal and the rename.
      yield* Effect.uninterruptible(Effect.zipRight(commit(written), putInPlace(part, path, stamp)))
      return written
    }).pipe(Effect.scoped, unlessChanged(path, stamp))
  })

/** Makes a file what it was before its tags were written. What is that already stays: a write, or an undo, that was cut off. */
export const undo = (path: string, { newHash, oldHash, recipe }: WrittenTags): Effect.Effect<void, TagError> =>
  Effect.gen(function* () {
    const { stamp } = yield* stampOf(path)
    const hash = yield* hashOf(path)
    if (hash === oldHash) return
    if (hash !== newHash) return yield* changed("it was changed after its tags were written")
    const part = yield* CopyBeside.nameFor(path)
    if ((yield* UndoRecipe.apply(recipe, path, part)) !== oldHash) return yield* notVerified("its old form can't be made")
    yield* Effect.uninterruptible(putInPlace(part, path, stamp))
  }).pipe(Effect.scoped)
