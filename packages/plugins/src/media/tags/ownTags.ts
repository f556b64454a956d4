import { at, type ReadBytes } from "../security/FileBytes.js"
import { apeTags } from "./apeTags.js"
import { mobileTags } from "./mobileTags.js"
import { waveTags } from "./waveTags.js"

/** A file's tags by lower-case name. */
export type TextTags = Readonly<Record<string, string>>

/** Tags that libav doesn't read. */
export interface OwnTags {
  readonly tags: TextTags
  /** Whether they say more than those that libav reads: an ID3v1 cuts its texts after 30 characters. */
  readonly areBetter: boolean
}

/** Reads the tags of a file that libav leaves out; `undefined` where there are none. */
export const ownTags = (read: ReadBytes, head: Buffer, size: number): OwnTags | undefined => {
  const isTagged = at(head, 0, "ID3")
  const isMpeg = isTagged || (head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0)
  const tags = isMpeg ? apeTags(read, size) : (waveTags(read, head, size) ?? mobileTags(read, head, size))
  return tags === undefined || Object.keys(tags).length === 0 ? undefined : { tags, areBetter: isMpeg && !isTagged }
}

/** Both together. */
export const withOwn = (tags: TextTags, own: OwnTags | undefined): TextTags =>
  own === undefined ? tags : own.areBetter ? { ...tags, ...own.tags } : { ...own.tags, ...tags }

/** Names that Matroska's tags have at a level, and what they are of the file. */
const levels = [
  ["track/title", "title"],
  ["track/artist", "artist"],
  ["album/title", "album"],
  ["album/artist", "album_artist"],
  ["album/artist", "artist"]
] as const

/**
 * Names a file by what its container says of the track or the album, or of its only stream, where it says nothing of the file itself.
 *
 * @param streams the tags of each stream, by lower-case name
 */
export const withNames = (tags: TextTags, streams: ReadonlyArray<TextTags>): TextTags => {
  const named = levels.reduce<TextTags>(
    (all, [level, name]) => (tags[level] === undefined || all[name] !== undefined ? all : { ...all, [name]: tags[level] }),
    tags
  )
  const [only = {}, ...others] = streams
  // A stream's title alone may be what it is: "Stereo".
  const isOfFile = others.length === 0 && (only["artist"] !== undefined || only["album"] !== undefined)
  const said = isOfFile
    ? ["title", "artist", "album"].flatMap((name) => (only[name] === undefined ? [] : [[name, only[name]]]))
    : []
  return { ...Object.fromEntries(said), ...named }
}
