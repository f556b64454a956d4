import type { Statement, Value } from "@mediaspool/core"
import { Acoustics, type AudioFile, Probe, type SourceFile, type VideoFile } from "../kinds.js"

/** Kinds that say something of the file itself. */
export type Measured = Probe | Acoustics | AudioFile | VideoFile

/** Types that don't say whether there is a picture in the container. */
const either = new Set(["mp4", "webm", "matroska", "ogg", "3gpp", "3gpp2", "quicktime", "mxf", "mp2t", "mpeg"])

/** The media type, now that the streams are known: an MP4 without a moving picture is `audio/mp4`. */
const mediaType = (found: string, probe: Probe | undefined): string => {
  const [, name = ""] = found.split("/")
  if (probe === undefined || !either.has(name)) return found
  const has = (type: string) => probe.streams.some((stream) => stream.type === type)
  if (has("video")) return `video/${name}`
  return has("audio") ? `audio/${name}` : found
}

/** Text from a stranger: one line, no longer than a title is. */
const tagText = (text: string | undefined): string | null => {
  const line = text?.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim() ?? ""
  return line === "" ? null : line.slice(0, 500)
}

/** What the container's own tags call the sound: title, artist, album. */
export const named = ({ tags }: Probe): ReadonlyArray<string> =>
  ["title", "artist", "album"].flatMap((name) => tagText(tags[name]) ?? [])

/** Tags that say what is heard and by whom, beside its name: those that a recordist or an archive fills in. */
const describing = "album_artist composer author genre description synopsis comment keywords project scene note".split(" ")

/** What the container's own tags say of the sound beside its name. */
export const described = ({ tags }: Probe): ReadonlyArray<string> => describing.flatMap((name) => tagText(tags[name]) ?? [])

const columns = (source: SourceFile, values: ReadonlyArray<Measured>): Readonly<Record<string, Value>> => {
  const probe = values.find((value) => value instanceof Probe)
  const sound = values.find((value) => value instanceof Acoustics)
  const stream = (type: "audio" | "video") => probe?.streams.find((stream) => stream.type === type)
  const heard = probe?.streams.find(({ chosen }) => chosen) ?? stream("audio")
  const picture = stream("video")
  return {
    media_type: mediaType(source.mediaType, probe),
    // What has decoded the sound knows its length better than the container.
    duration_seconds: (sound ?? probe ?? values[0])?.durationSeconds ?? null,
    duration_estimated: sound === undefined && probe?.durationEstimated === true ? 1 : 0,
    sample_rate: heard?.sampleRate ?? sound?.sampleRate ?? null,
    channels: heard?.channels ?? sound?.channels ?? null,
    container: probe?.container ?? null,
    audio_codec: heard?.codec ?? null,
    video_codec: picture?.codec ?? null,
    bit_rate: probe?.bitRate === undefined ? null : Math.round(probe.bitRate),
    width: picture?.width ?? null,
    height: picture?.height ?? null,
    display_width: picture?.displayWidth ?? picture?.width ?? null,
    display_height: picture?.displayHeight ?? picture?.height ?? null,
    frame_rate: picture?.frameRate ?? null,
    title: tagText(probe?.tags["title"]),
    artist: tagText(probe?.tags["artist"]),
    album: tagText(probe?.tags["album"])
  }
}

/** A file that is still where the row says keeps its path: of two copies neither pushes the other out. */
const PATH = `CASE WHEN EXISTS (
    SELECT 1 FROM item WHERE item.path = CAST(media.path AS BLOB) AND item.content_hash = media.content_hash AND item.gone_at = 0
  ) THEN media.path ELSE excluded.path END`

/** Of files with this content the one at this path, or another that is there: it may have been renamed while it was worked on. */
const PLACE = `coalesce((SELECT CAST(item.path AS TEXT) FROM item WHERE item.content_hash = ? AND item.gone_at = 0
    ORDER BY item.path = ? DESC, item.id LIMIT 1), CAST(? AS TEXT))`

/** Whether the last file with this content went away while it was worked on. */
const MISSING = "coalesce((SELECT min(item.gone_at) <> 0 FROM item WHERE item.content_hash = ?), 0)"

/**
 * Writes the file's own row, or completes it: what nobody measured this time keeps its value.
 *
 * @param path the bytes of the file's absolute path
 */
export const statement = (
  source: SourceFile,
  values: ReadonlyArray<Measured>,
  path: Uint8Array,
  writtenAt: string
): Statement => {
  const measured = columns(source, values)
  const { hash, size } = source.file
  const names = Object.keys(measured)
  return {
    sql: `INSERT INTO media (content_hash, path, missing, size_bytes, ${names.join(", ")}, added_at, changed_at)
  VALUES (?, ${PLACE}, ${MISSING}, ?, ${names.map(() => "?").join(", ")}, ?, ?)
  ON CONFLICT (content_hash) DO UPDATE SET path = ${PATH}, missing = excluded.missing, changed_at = excluded.changed_at,
  ${names.map((name) => `${name} = coalesce(excluded.${name}, ${name})`).join(", ")}`,
    values: [hash, hash, path, path, hash, size, ...Object.values(measured), writtenAt, writtenAt]
  }
}
