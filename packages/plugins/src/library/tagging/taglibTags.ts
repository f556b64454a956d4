import { Effect } from "effect"
import type { File, Id3v2Tag } from "node-taglib-sharp"
import type { Container } from "./essence.js"
import { notWritten, type TagError, unsupported } from "./TagError.js"
import { COMMENT, GENRE, OURS, type TagValue } from "./tagValues.js"

/** What taglib reads and writes. */
type TaglibContainer = Exclude<Container, "wav" | "matroska" | "mp4" | "flac">

const types: Readonly<Record<TaglibContainer, string>> = {
  mp3: "taglib/mp3",
  ogg: "taglib/ogg",
  aiff: "taglib/aiff"
}

type Taglib = typeof import("node-taglib-sharp")

const opened = <A>(
  path: string,
  container: TaglibContainer,
  use: (file: File, taglib: Taglib) => Effect.Effect<A, TagError>
): Effect.Effect<A, TagError> =>
  Effect.gen(function* () {
    const taglib = yield* Effect.promise(() => import("node-taglib-sharp"))
    return yield* Effect.acquireUseRelease(
      Effect.try({ try: () => taglib.File.createFromPath(path, types[container]), catch: notWritten }),
      (file) => Effect.flatten(Effect.try({ try: () => use(file, taglib), catch: notWritten })),
      (file) => Effect.sync(() => file.dispose())
    )
  })

/** Everything that the tags say besides ours, each piece as it is stored, and ours by name. */
export interface Said {
  readonly others: ReadonlyArray<string>
  readonly ours: Readonly<Record<string, string>>
}

const isStandard = (name: string): boolean => name === COMMENT || name === GENRE

const isOurs = (name: string): boolean => name.toUpperCase().startsWith(OURS)

/** @param names the standard fields among them count as ours */
export const readTaglib = (
  path: string,
  container: TaglibContainer,
  names: ReadonlyArray<string>
): Effect.Effect<Said, TagError> =>
  opened(path, container, (file, taglib) => {
    const ours: Record<string, string> = {}
    const others: Array<string> = []
    const isAsked = (name: string): boolean => isOurs(name) || (isStandard(name) && names.includes(name))
    const id3 = file.getTag(taglib.TagTypes.Id3v2, false)
    if (id3 instanceof taglib.Id3v2Tag)
      for (const frame of id3.frames) {
        if (frame instanceof taglib.Id3v2UserTextInformationFrame && isOurs(frame.description))
          ours[frame.description] = frame.text.join("; ")
        else if (frame instanceof taglib.Id3v2CommentsFrame && frame.description === "" && isAsked(COMMENT))
          ours[COMMENT] ??= frame.text
        else if (frame instanceof taglib.Id3v2TextInformationFrame && frame.frameId.toString() === "TCON" && isAsked(GENRE))
          ours[GENRE] = frame.text.join("; ")
        else others.push(`${frame.frameId.toString()} ${Buffer.from(frame.render(4).toByteArray()).toString("base64")}`)
      }
    const xiph = file.getTag(taglib.TagTypes.Xiph, false)
    if (xiph instanceof taglib.XiphComment)
      for (const name of xiph.fieldNames) {
        const values = xiph.getField(name)
        if (isAsked(name.toUpperCase())) ours[name.toUpperCase()] = values.join("; ")
        else others.push(`${name}=${values.join("\0")}`)
      }
    return Effect.succeed({ others: others.sort(), ours })
  })

/** Writes a field where ID3v2 has it: the comment without a description, the genre, or a user's text. */
const writeFrame = (taglib: Taglib, tag: Id3v2Tag, name: string, value: string): void => {
  if (name === COMMENT) {
    const known = tag.frames.find((frame) => frame instanceof taglib.Id3v2CommentsFrame && frame.description === "")
    const frame = known instanceof taglib.Id3v2CommentsFrame ? known : taglib.Id3v2CommentsFrame.fromDescription("")
    frame.textEncoding = taglib.StringType.UTF8
    frame.text = value
    if (known === undefined) tag.addFrame(frame)
    return
  }
  if (name === GENRE) {
    const known = tag.frames.find((frame) => frame.frameId.toString() === "TCON")
    const genre = taglib.Id3v2FrameIdentifiers["TCON"]
    if (known instanceof taglib.Id3v2TextInformationFrame) known.text = [value]
    else if (genre !== undefined) {
      const frame = taglib.Id3v2TextInformationFrame.fromIdentifier(genre, taglib.StringType.UTF8)
      frame.text = [value]
      tag.addFrame(frame)
    }
    return
  }
  const frames = tag.frames.filter((frame) => frame instanceof taglib.Id3v2UserTextInformationFrame)
  const known = taglib.Id3v2UserTextInformationFrame.findUserTextInformationFrame(frames, name)
  const frame = known ?? taglib.Id3v2UserTextInformationFrame.fromDescription(name)
  frame.text = [value]
  if (known === undefined || known === null) tag.addFrame(frame)
}

export const writeTaglib = (
  path: string,
  container: TaglibContainer,
  values: ReadonlyArray<TagValue>
): Effect.Effect<void, TagError> =>
  opened(path, container, (file, taglib) => {
    const { Ape, Id3v1, Id3v2, Xiph } = taglib.TagTypes
    const before = file.tagTypesOnDisk
    const tag = file.getTag(container === "mp3" || container === "aiff" ? Id3v2 : Xiph, true)
    if (tag instanceof taglib.Id3v2Tag) for (const [name, value] of values) writeFrame(taglib, tag, name, value)
    else if (tag instanceof taglib.XiphComment) for (const [name, value] of values) tag.setFieldAsStrings(name, value)
    else return unsupported("the file has no place for such tags")
    // No tag that nobody asked for.
    for (const type of [Id3v1, Ape]) if ((before & type) === 0) file.removeTags(type)
    file.save()
    return Effect.void
  })
