import { Column, type Row } from "@mediaspool/core"

/** Containers with codecs that every browser plays. */
const everywhere: ReadonlyArray<readonly [container: string, audio: RegExp, video: RegExp | undefined, type: string]> = [
  ["mp3", /^mp3$/, undefined, "audio/mpeg"],
  ["wav", /^pcm_(u8|s16le|s24le|f32le)$/, undefined, "audio/wav"],
  ["flac", /^flac$/, undefined, "audio/flac"],
  ["mov", /^(aac|mp3)$/, /^h264$/, "mp4"],
  ["aac", /^aac$/, undefined, "audio/aac"]
]

/** What some browsers play besides: they say so by these names. */
const asked: Readonly<Record<string, readonly [container: RegExp, audio: RegExp, video: RegExp | undefined]>> = {
  ogg: [/^ogg$/, /^(vorbis|opus|flac)$/, undefined],
  webm: [/^(matroska|webm)$/, /^(vorbis|opus)$/, /^(vp8|vp9|av1)$/]
}

/** Seconds of an MP3 of variable bit rate up to which a browser's jumps are off by a quarter of a second at most. */
const JUMPS_SECONDS = 60

/**
 * Whether browsers would let something else be heard than stages listened to, by the probe of a row of `media`. Chromium plays as much
 * of an Ogg file of several recordings as its last one is long; of several tracks of a Matroska it plays the first, whatever the file
 * says is its default. In an MP3 of variable bit rate (one that isn't whole kbit/s) it jumps by a table of hundred places, or by a
 * guess: half an hour of one is up to 7 s off its clock. What others do, nobody promises.
 */
export const OTHERWISE = `EXISTS (
  SELECT 1 FROM result WHERE media_id = media.id AND kind = 'Probe' AND (json_extract(json, '$.joined') = 1 OR (
    SELECT json_extract(value, '$.chosen') IS NOT 1 AND json_extract(result.json, '$.streams') LIKE '%"chosen":true%'
    FROM json_each(result.json, '$.streams') WHERE json_extract(value, '$.type') = 'audio' ORDER BY key LIMIT 1
  ) OR (
    json_extract(json, '$.container') = 'mp3' AND json_extract(json, '$.durationSeconds') > ${JUMPS_SECONDS} AND EXISTS (
      SELECT 1 FROM json_each(result.json, '$.streams')
      WHERE json_extract(value, '$.codec') = 'mp3' AND json_extract(value, '$.bitRate') % 1000 <> 0
    )
  ))
)`

export interface Playback {
  /** `preview`: a copy that the MediaEngine makes. */
  readonly how: "original" | "preview" | "none"
  readonly type: "audio" | "video"
  /** Of the original, as the browser is told. */
  readonly mediaType: string
}

/**
 * How a browser gets the sound of a row of `media` with what {@link OTHERWISE} says of it.
 *
 * @param plays what the browser says that it plays beyond the common: `ogg`, `webm`
 */
export const of = (row: Row, plays: ReadonlyArray<string> = []): Playback => {
  const container = Column.text(row, "container") ?? ""
  const audio = Column.text(row, "audio_codec")
  const video = Column.text(row, "video_codec")
  const mediaType = Column.text(row, "media_type") ?? ""
  const type = video === undefined ? "audio" : "video"
  if (audio === undefined && video === undefined) return { how: "none", type, mediaType }
  if (row["plays_otherwise"] === 1) return { how: "preview", type, mediaType }
  const fits = (codecs: RegExp | undefined, codec: string | undefined) => codec === undefined || codecs?.test(codec) === true
  const common = everywhere.find(([name, sound, picture]) => name === container && fits(sound, audio) && fits(picture, video))
  if (common !== undefined) return { how: "original", type, mediaType: common[3] === "mp4" ? `${type}/mp4` : common[3] }
  const may = plays.some((name) => {
    const known = Object.hasOwn(asked, name) ? asked[name] : undefined
    return known !== undefined && known[0].test(container) && fits(known[1], audio) && fits(known[2], video)
  })
  return { how: may ? "original" : "preview", type, mediaType }
}
