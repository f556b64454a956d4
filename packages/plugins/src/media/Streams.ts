import { orderOf } from "./ChannelOrder.js"
import type { Inspection, Refused, Stream } from "./Inspection.js"
import { reads } from "./security/Whitelist.js"

/**
 * Which sound a stage listens to: the one that the container marks as the default (of several, and of none, the one with the most
 * channels, then the first), the first, one in a language, or one by its number, from 1.
 */
export type Track = "default" | "first" | { readonly language: string } | number

/** The best of a list by a score; of equals the first. */
const best = <A>(all: ReadonlyArray<A>, score: (one: A) => number): A | undefined =>
  all.reduce<A | undefined>((found, one) => (found === undefined || score(one) > score(found) ? one : found), undefined)

const audio = ({ streams }: Inspection): ReadonlyArray<Stream> => streams.filter(({ type }) => type === "audio")

const byDefault = (tracks: ReadonlyArray<Stream>): Stream | undefined => {
  const marked = tracks.filter(({ isDefault }) => isDefault)
  return best(marked.length > 0 ? marked : tracks, ({ channels }) => channels ?? 0)
}

/** Pictures a second beyond which a number is a clock. */
const FASTEST = 1000

/** Whether a number is a rate of pictures. On the average DV has 60,000 for libav, which takes its clock for it. */
export const isFrameRate = (rate: number): boolean => rate > 0 && rate <= FASTEST

/** The canonical form of a language's tag (`ger` and `deu` are `de`); the text itself where it is none. */
export const language = (tag: string): string => {
  try {
    return Intl.getCanonicalLocales(tag.replace("_", "-"))[0] ?? tag
  } catch {
    return tag.toLowerCase()
  }
}

/** The stream that a stage listens to. One in a codec that nothing reads hides no other. */
export const sound = (inspection: Inspection, track: Track = "default"): Stream | undefined => {
  const all = audio(inspection)
  const readable = all.filter(({ codec }) => reads(codec))
  if (typeof track === "number") return all[track - 1]
  if (typeof track === "object") {
    const wanted = language(track.language)
    const spoken = readable.filter((one) => one.language === wanted || one.language?.startsWith(`${wanted}-`))
    return byDefault(spoken)
  }
  return (track === "first" ? readable[0] : byDefault(readable)) ?? all[0]
}

/** Whether a WAV's stream is PCM that libav may take for another unless it is told the decoder: big-endian samples. */
export const isMistaken = ({ codec }: Stream): boolean => /^pcm_[sf]\d+be$/.test(codec)

/** Channels of the largest usual layout: libav places as many and fewer by itself. */
export const PLACED = 8

/**
 * Whether FFmpeg's own mix would leave channels out, or refuse them: of more than a usual layout has, of places that it names one by
 * one (`2 channels (BL+BR)`), of those above the listener (`5.1.2`), and of PCM that names none, such as a field recorder's: libav
 * takes one of three, or of six and more, for a low-frequency channel, which its mix leaves out.
 *
 * @param layout as FFmpeg calls it; `""` and `6 channels` for none
 */
const hasOddPlaces = (codec: string, channels: number, layout = ""): boolean =>
  channels > PLACED ||
  (channels > 2 && codec.startsWith("pcm_") && /^(\d+ channels)?$/.test(layout)) ||
  /\(.*\+.*\)|\d\.\d\.\d|top/.test(layout)

/** Where the channels of a sound stand, where FFmpeg's own filters can't take them as they are. */
export const placesOf = (codec: string, channels: number, layout = ""): Pick<Stream, "isUnplaced" | "order"> => {
  const order = orderOf(layout)
  if (order !== undefined) return { order }
  return hasOddPlaces(codec, channels, layout) ? { isUnplaced: true } : {}
}

/** Names the tracks of a file for a person: `1 (de), 2 (en)`. */
export const trackNames = (inspection: Inspection): string =>
  audio(inspection)
    .map(({ language }, n) => (language === undefined ? `${n + 1}` : `${n + 1} (${language})`))
    .join(", ")

/** The moving picture. */
export const picture = (inspection: Inspection): Stream | undefined => inspection.streams.find(({ type }) => type === "video")

/**
 * The last word on what a demuxer said: a stream without a sample rate, channels or a picture's size is none, and a file without a
 * stream or a duration isn't media.
 */
export const judge = (found: Inspection): Inspection | Refused => {
  const streams = found.streams.filter((stream) =>
    stream.type === "audio"
      ? (stream.sampleRate ?? 0) > 0 && (stream.channels ?? 0) > 0
      : stream.type !== "video" || ((stream.width ?? 0) > 0 && (stream.height ?? 0) > 0)
  )
  if (!streams.some(({ type }) => type === "audio" || type === "video")) {
    const unread = found.streams.find(
      ({ codec, sampleRate = 0, type }) => type === "audio" && sampleRate > 0 && codec === "wavpack"
    )
    if (unread !== undefined) return { refusal: "EngineUnable", detail: "libav doesn't read WavPack of more than 8 channels" }
    return { refusal: "NotMedia", detail: "no stream has a sample rate and channels, or a picture's size" }
  }
  if (!(found.durationSeconds > 0)) return { refusal: "NotMedia", detail: "it holds no sound and no picture" }
  return { ...found, streams }
}

/**
 * Containers whose lengths promise nothing of one stream: those of an AVI count from the beginning of the file, whatever is missing
 * before and within the sound, and an ASF has but one for all streams.
 */
const vague = new Set(["avi", "asf"])

/** Seconds of a stream that a header promises. */
export const promised = (container: string, told: number | undefined): number | undefined =>
  vague.has(container) ? undefined : told

/** The filter that leaves of a picture what its container shows; empty where that is all of it. */
export const cropping = ({ crop }: Stream): string =>
  crop === undefined ? "" : `crop=${crop.width}:${crop.height}:${crop.left}:${crop.top},setsar=${crop.pixelAspect.toFixed(6)},`

/** How a stored picture is to be seen. */
export interface Shape {
  readonly width: number
  readonly height: number
  /** Width of a pixel by its height. */
  readonly pixelAspect: number
  /** Degrees clockwise. */
  readonly rotation: number
  /** Whether it is shown as in a mirror, too. */
  readonly isMirrored: boolean
}

/** What a stream says of how its picture is seen, where that differs from how it is stored. */
export const display = ({ height, isMirrored, pixelAspect, rotation, width }: Shape): Partial<Stream> => {
  const wide = Math.round(width * pixelAspect)
  const [displayWidth, displayHeight] = rotation % 180 === 0 ? [wide, height] : [height, wide]
  return {
    ...(displayWidth === width && displayHeight === height ? {} : { displayWidth, displayHeight }),
    ...(rotation === 0 ? {} : { rotation }),
    ...(isMirrored ? { isMirrored } : {})
  }
}
