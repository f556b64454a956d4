import {
  AV_CODEC_ID_NONE,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_STILL_IMAGE,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO
} from "node-av/constants"
import { avChannelLayoutDescribe, avGetCodecName, type Stream as AvStream } from "node-av/lib"
import type { Stream } from "../Inspection.js"
import { display, hasOddPlaces, language, promised } from "../Streams.js"
import { TOLERANCE } from "../TimeAxis.js"
import { LONGEST_TAG } from "./fileTags.js"
import { rotationOf } from "./rotation.js"
import { positive, seconds, time } from "./streamTime.js"

const typeOf = (stream: AvStream): Stream["type"] => {
  switch (stream.codecpar.codecType) {
    case AVMEDIA_TYPE_AUDIO:
      return "audio"
    case AVMEDIA_TYPE_SUBTITLE:
      return "subtitle"
    case AVMEDIA_TYPE_VIDEO:
      return (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_STILL_IMAGE)) === 0 ? "video" : "picture"
    default:
      return "data"
  }
}

/** Whether a stream is sound or picture, and takes time. */
export const isElementary = (stream: AvStream): boolean => ["audio", "video"].includes(typeOf(stream))

const picture = (stream: AvStream): Partial<Stream> => {
  const { codecpar } = stream
  const [width, height] = [positive(codecpar.width), positive(codecpar.height)]
  if (width === undefined || height === undefined) return {}
  const own = stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : codecpar.sampleAspectRatio
  const pixelAspect = own.num > 0 && own.den > 0 ? own.num / own.den : 1
  return { width, height, ...display({ width, height, pixelAspect, rotation: rotationOf(stream) }) }
}

/** What a file's header was found to say beside its streams. */
interface Around {
  /** Seconds that are promised of the stream. */
  readonly told: number | undefined
  /** When the file begins, in seconds as they stand in it. */
  readonly fileStart: number
  /** FFmpeg's name. */
  readonly container: string
}

/** Bits of a sample that every decoder of a codec reads. */
const DEEP = 24

const bitsOf = (codecpar: AvStream["codecpar"]): number =>
  avGetCodecName(codecpar.codecId) === "flac" && codecpar.extradata !== null && codecpar.extradata.length >= 14
    ? // Five bits of STREAMINFO (RFC 9639, 8.2), less one.
      (((codecpar.extradata[12] ?? 0) & 1) << 4) + ((codecpar.extradata[13] ?? 0) >> 4) + 1
    : 0

/** What the header says of a stream. */
export const describeStream = (stream: AvStream, { told, fileStart, container }: Around): Stream => {
  const { codecpar } = stream
  const type = typeOf(stream)
  const rate = stream.avgFrameRate
  const tags = stream.metadata?.getAll() ?? {}
  const late = (time(stream.startTime, stream.timeBase) ?? fileStart) - fileStart
  const spoken = tags["language"]
  return {
    index: stream.index,
    type,
    codec: codecpar.codecId === AV_CODEC_ID_NONE ? "unknown" : (avGetCodecName(codecpar.codecId) ?? "unknown"),
    ...(type === "audio" ? { sampleRate: positive(codecpar.sampleRate), channels: positive(codecpar.channels) } : {}),
    ...(type === "video" || type === "picture" ? picture(stream) : {}),
    ...(type === "video" ? { frameRate: positive(rate.num / rate.den) } : {}),
    bitRate: positive(Number(codecpar.bitRate)),
    ...(type === "audio" && hasOddPlaces(codecpar.channels, avChannelLayoutDescribe(codecpar.channelLayout) ?? "")
      ? { isUnplaced: true }
      : {}),
    ...(DEEP < bitsOf(codecpar) ? { depth: bitsOf(codecpar) } : {}),
    promisedSeconds: promised(container, told),
    ...((type === "audio" || type === "video") && late > TOLERANCE ? { startSeconds: late } : {}),
    ...((stream.disposition & AV_DISPOSITION_DEFAULT) === 0 ? {} : { isDefault: true }),
    ...(spoken === undefined || spoken === "und" ? {} : { language: language(spoken.slice(0, 64)) }),
    ...(type === "audio" && tags["title"] !== undefined ? { title: tags["title"].slice(0, LONGEST_TAG) } : {})
  }
}

/** Whether the header alone said all that is reported; most of find_stream_info's time is spent on making sure. */
export const isDescribed = (stream: AvStream): boolean => {
  const { codecpar } = stream
  switch (typeOf(stream)) {
    case "audio":
      return codecpar.sampleRate > 0 && codecpar.channels > 0 && seconds(stream.duration, stream.timeBase) !== undefined
    case "video":
      return codecpar.width > 0 && stream.avgFrameRate.num > 0 && seconds(stream.duration, stream.timeBase) !== undefined
    default:
      return true
  }
}
