import { createHash } from "node:crypto"
import { constants, promises as fs } from "node:fs"
import { basename, dirname, join } from "node:path"
import { RawPath } from "@mediaspool/core"
import { type Container, chunks, containerOf, essenceOf, partsWithHash, withReader } from "./essence.js"
import { readFlacTags, writeFlacTags } from "./flacTags.js"
import { readMatroskaTags, writeMatroskaTags } from "./matroskaTags.js"
import { readMp4Tags, writeMp4Tags } from "./mp4Tags.js"
import { TagError, unsupported } from "./TagError.js"
import { readTaglib, type Said, writeTaglib } from "./taglibTags.js"
import type { TagValue } from "./tagValues.js"
import * as UndoRecipe from "./undoRecipe.js"
import { readWavTags, writeWavTags } from "./wavTags.js"

const hashOf = async (path: string | Buffer): Promise<string> => {
  const hash = createHash("sha256")
  const handle = await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  for await (const chunk of handle.createReadStream()) hash.update(chunk)
  return hash.digest("hex")
}

const said = async (path: string, container: Container, names: ReadonlyArray<string>): Promise<Said> => {
  if (container === "wav") return withReader(path, (reader) => readWavTags(reader, chunks(reader, "wav"), names))
  if (container === "flac") return withReader(path, (reader) => readFlacTags(reader, names))
  if (container === "mp4") return withReader(path, (reader) => readMp4Tags(reader, names))
  return container === "matroska" ? readMatroskaTags(path, names) : readTaglib(path, container, names)
}

const writeInto = async (path: string, container: Container, values: ReadonlyArray<TagValue>): Promise<void> => {
  if (container === "wav") writeWavTags(path, values)
  else if (container === "flac") writeFlacTags(path, values)
  else if (container === "mp4") writeMp4Tags(path, values)
  else if (container === "matroska") await writeMatroskaTags(path, values)
  else await writeTaglib(path, container, values)
}

/** The stamp of a file: whoever writes it changes that. */
const stampOf = async (path: string | Buffer) => {
  const { ctimeNs, dev, ino, isFile, mtimeNs, size } = await fs.lstat(path, { bigint: true }).then((stat) => ({
    ...stat,
    isFile: stat.isFile()
  }))
  return { isFile, stamp: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}` }
}

/** What is in a file already, and what would change. */
export interface TagDiff {
  readonly name: string
  readonly before: string | undefined
  readonly after: string
}

/** @param path absolute; a RawPath */
export const diff = async (path: string, values: ReadonlyArray<TagValue>): Promise<ReadonlyArray<TagDiff>> => {
  if (!RawPath.isText(path)) throw unsupported("its name is no text")
  const container = withReader(path, containerOf)
  if (container === undefined) throw unsupported("no tags are written into this format without losing something")
  await fs.access(path, constants.W_OK).catch(() => {
    throw new TagError({ code: "TagFileBusy", detail: "it can't be written to" })
  })
  const { ours } = await said(
    path,
    container,
    values.map(([name]) => name)
  )
  return values.map(([name, after]) => ({ name, before: ours[name], after })).filter(({ after, before }) => after !== before)
}

/** What a write did, for the journal. */
export interface WrittenTags {
  readonly oldHash: string
  readonly newHash: string
  readonly essence: string
  readonly recipe: UndoRecipe.UndoRecipe
}

/** Puts a copy in the place of a file that nobody changed meanwhile, with its times and permissions. */
const putInPlace = async (part: string, path: string, stamp: string): Promise<void> => {
  const { atimeNs, gid, mode, mtimeNs, uid } = await fs.stat(path, { bigint: true })
  await fs.chmod(part, Number(mode))
  await fs.chown(part, Number(uid), Number(gid)).catch(() => undefined)
  // As numbers of seconds: a Date has milliseconds alone.
  await fs.utimes(part, Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9)
  const handle = await fs.open(part, "r+")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  if ((await stampOf(path)).stamp !== stamp) throw new TagError({ code: "TagFileChanged", detail: "it was changed meanwhile" })
  await fs.rename(part, path)
  const folder = await fs.open(dirname(path), "r")
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What is called otherwise, or not there, in the other form; each piece begins with its name. */
const lostOf = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): string => {
  const names = before.filter((piece) => !after.includes(piece)).map((piece) => piece.split(/[ =]/, 1)[0] ?? "")
  return names.length === 0 ? "the order of its parts" : [...new Set(names)].join(", ")
}

const partOf = (path: string): string => join(dirname(path), `.${basename(path)}.${process.pid}.part`)

/**
 * Writes fields into a copy beside the file, reads it again, compares everything that isn't ours, and puts it in the file's place.
 * What can't be verified is dropped: the file is then as it was.
 *
 * @param known hashes that the library knows the file by
 * @param commit called when the copy is verified, before it gets the file's name
 */
export const write = async (
  path: string,
  values: ReadonlyArray<TagValue>,
  known: (hash: string) => boolean,
  commit: (written: WrittenTags) => Promise<void>
): Promise<WrittenTags> => {
  const { isFile, stamp } = await stampOf(path)
  if (!isFile) throw unsupported("it is no regular file")
  const oldHash = await hashOf(path)
  if (!known(oldHash)) throw new TagError({ code: "TagFileChanged", detail: "it is not what the library knows any more" })
  const container = withReader(path, containerOf)
  if (container === undefined) throw unsupported("no tags are written into this format without losing something")
  const part = partOf(path)
  try {
    await fs.copyFile(path, part, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
    await fs.chmod(part, 0o600)
    const names = values.map(([name]) => name)
    const before = await said(part, container, names)
    await writeInto(part, container, values)
    const essence = essenceOf(path)
    const after = await said(part, container, names)
    if (essenceOf(part) !== essence || JSON.stringify(after.others) !== JSON.stringify(before.others))
      throw new TagError({
        code: "TagNotVerified",
        detail: `something besides our fields would be changed or lost: ${lostOf(
          [...before.others, ...partsWithHash(path)],
          [...after.others, ...partsWithHash(part)]
        )}`
      })
    if (values.some(([name, value]) => after.ours[name] !== value))
      throw new TagError({ code: "TagNotVerified", detail: "the fields can't be read back" })
    const recipe = UndoRecipe.make(path, part)
    if (UndoRecipe.apply(recipe, part, undefined) !== oldHash)
      throw new TagError({ code: "TagNotVerified", detail: "the old form can't be made of the new one" })
    const written = { oldHash, newHash: await hashOf(part), essence, recipe }
    await commit(written)
    await putInPlace(part, path, stamp)
    return written
  } finally {
    await fs.rm(part, { force: true })
  }
}

/** Makes a file what it was before its tags were written. */
export const undo = async (path: string, { newHash, oldHash, recipe }: WrittenTags): Promise<void> => {
  const { stamp } = await stampOf(path)
  if ((await hashOf(path)) !== newHash)
    throw new TagError({ code: "TagFileChanged", detail: "it was changed after its tags were written" })
  const part = partOf(path)
  try {
    if (UndoRecipe.apply(recipe, path, part) !== oldHash)
      throw new TagError({ code: "TagNotVerified", detail: "its old form can't be made" })
    await putInPlace(part, path, stamp)
  } finally {
    await fs.rm(part, { force: true })
  }
}
