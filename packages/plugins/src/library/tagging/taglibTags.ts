import type { File } from "node-taglib-sharp"
import type { Container } from "./essence.js"
import { TagError } from "./TagError.js"

const types: Readonly<Record<Exclude<Container, "wav">, string>> = {
  mp3: "taglib/mp3",
  flac: "taglib/flac",
  ogg: "taglib/ogg",
  mp4: "taglib/m4a",
  aiff: "taglib/aiff"
}

/** The namespace of our fields in an MP4. */
const MEAN = "com.mediaspool"

/** What an MP4's tag may say besides ours and pictures. */
const APPLE_FIELDS = [
  "album",
  "albumArtists",
  "comment",
  "composers",
  "copyright",
  "disc",
  "genres",
  "lyrics",
  "performers",
  "title",
  "track",
  "year"
] as const

const opened = async <A>(
  path: string,
  container: Exclude<Container, "wav">,
  use: (file: File, taglib: typeof import("node-taglib-sharp")) => A
): Promise<A> => {
  const taglib = await import("node-taglib-sharp")
  const file = taglib.File.createFromPath(path, types[container])
  try {
    return use(file, taglib)
  } finally {
    file.dispose()
  }
}

/** Everything that the tags say besides ours, each piece as it is stored, and ours by name. */
export interface Said {
  readonly others: ReadonlyArray<string>
  readonly ours: Readonly<Record<string, string>>
}

const isOurs = (name: string): boolean => name.toUpperCase().startsWith("MEDIASPOOL_")

/** @param names the fields to look for in an MP4, which can't be listed */
export const readTaglib = (path: string, container: Exclude<Container, "wav">, names: ReadonlyArray<string>): Promise<Said> =>
  opened(path, container, (file, taglib): Said => {
    const ours: Record<string, string> = {}
    const others: Array<string> = []
    const id3 = file.getTag(taglib.TagTypes.Id3v2, false)
    if (id3 instanceof taglib.Id3v2Tag)
      for (const frame of id3.frames) {
        if (frame instanceof taglib.Id3v2UserTextInformationFrame && isOurs(frame.description))
          ours[frame.description] = frame.text.join("; ")
        else others.push(`${frame.frameId.toString()} ${Buffer.from(frame.render(4).toByteArray()).toString("base64")}`)
      }
    const xiph = file.getTag(taglib.TagTypes.Xiph, false)
    if (xiph instanceof taglib.XiphComment)
      for (const name of xiph.fieldNames) {
        const values = xiph.getField(name)
        if (isOurs(name)) ours[name] = values.join("; ")
        else others.push(`${name}=${values.join("\0")}`)
      }
    const apple = file.getTag(taglib.TagTypes.Apple, false)
    if (apple instanceof taglib.Mpeg4AppleTag) {
      for (const name of names) {
        const values = apple.getItunesStrings(MEAN, name)
        if (values !== undefined && values.length > 0) ours[name] = values.join("; ")
      }
      others.push(
        JSON.stringify(APPLE_FIELDS.map((field) => apple[field])),
        ...apple.pictures.map((picture) => Buffer.from(picture.data.toByteArray()).toString("base64"))
      )
    }
    return { others: others.sort(), ours }
  })

export const writeTaglib = (
  path: string,
  container: Exclude<Container, "wav">,
  values: ReadonlyArray<readonly [name: string, value: string]>
): Promise<void> =>
  opened(path, container, (file, taglib) => {
    const { Apple, Ape, Id3v1, Id3v2, Xiph } = taglib.TagTypes
    const before = file.tagTypesOnDisk
    const tag = file.getTag(container === "mp4" ? Apple : container === "mp3" || container === "aiff" ? Id3v2 : Xiph, true)
    for (const [name, value] of values)
      if (tag instanceof taglib.Id3v2Tag) {
        const frames = tag.frames.filter((frame) => frame instanceof taglib.Id3v2UserTextInformationFrame)
        const known = taglib.Id3v2UserTextInformationFrame.findUserTextInformationFrame(frames, name)
        const frame = known ?? taglib.Id3v2UserTextInformationFrame.fromDescription(name)
        frame.text = [value]
        if (known === undefined || known === null) tag.addFrame(frame)
      } else if (tag instanceof taglib.XiphComment) tag.setFieldAsStrings(name, value)
      else if (tag instanceof taglib.Mpeg4AppleTag) tag.setItunesStrings(MEAN, name, value)
      else throw new TagError({ code: "TagFormatUnsupported", detail: "the file has no place for such tags" })
    // No tag that nobody asked for.
    for (const type of [Id3v1, Ape]) if ((before & type) === 0) file.removeTags(type)
    file.save()
  })
