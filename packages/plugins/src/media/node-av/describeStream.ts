import {
  AV_CODEC_ID_NONE,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_STILL_IMAGE,
  AV_PKT_DATA_FRAME_CROPPING,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO
} from "node-av/constants"
import { avChannelLayoutDescribe, avGetCodecName, type Stream as AvStream } from "node-av/lib"
import type { Stream } from "../Inspection.js"
import { display, language, placesOf, promised } from "../Streams.js"
import { TOLERANCE } from "../TimeAxis.js"
import { LONGEST_TAG } from "./fileTags.js"
import { frameRate } from "./frameRate.js"
import { isMirrored, rotationOf } from "./rotation.js"
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

/** Pixels that a container cuts from the edges of its pictures: top, bottom, left, right (Matroska's `PixelCrop…`). */
const edgesOf = ({ codecpar }: AvStream): readonly [top: number, bottom: number, left: number, right: number] => {
  const bytes = codecpar.getCodedSideData(AV_PKT_DATA_FRAME_CROPPING)
  return bytes === null || bytes.length < 16
    ? [0, 0, 0, 0]
    : [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)]
}

const picture = (stream: AvStream): Partial<Stream> => {
  const { codecpar } = stream
  const [width, height] = [positive(codecpar.width), positive(codecpar.height)]
  if (width === undefined || height === undefined) return {}
  const own = stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : codecpar.sampleAspectRatio
  const pixelAspect = own.num > 0 && own.den > 0 ? own.num / own.den : 1
  const turned = { pixelAspect, rotation: rotationOf(stream), isMirrored: isMirrored(stream) }
  const [top, bottom, left, right] = edgesOf(stream)
  const shown = { width: width - left - right, height: height - top - bottom }
  const isCut = shown.width < width || shown.height < height
  // One that is turned too is left as it is stored.
  if (!isCut || shown.width <= 0 || shown.height <= 0 || turned.rotation !== 0 || turned.isMirrored)
    return { width, height, ...display({ width, height, ...turned }) }
  return {
    width,
    height,
    ...display({ ...shown, ...turned }),
    displayWidth: Math.round(shown.width * pixelAspect),
    displayHeight: shown.height,
    crop: { ...shown, left, top, pixelAspect }
  }
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
  const rate = frameRate(stream)
  const tags = stream.metadata?.getAll() ?? {}
  const late = (time(stream.startTime, stream.timeBase) ?? fileStart) - fileStart
  const spoken = tags["language"]
  const codec = codecpar.codecId === AV_CODEC_ID_NONE ? "unknown" : (avGetCodecName(codecpar.codecId) ?? "unknown")
  return {
    index: stream.index,
    type,
    codec,
    ...(type === "audio" ? { sampleRate: positive(codecpar.sampleRate), channels: positive(codecpar.channels) } : {}),
    ...(type === "video" || type === "picture" ? picture(stream) : {}),
    ...(type === "video" ? { frameRate: positive(rate.num / rate.den) } : {}),
    bitRate: positive(Number(codecpar.bitRate)),
    ...(type === "audio" ? placesOf(codec, codecpar.channels, avChannelLayoutDescribe(codecpar.channelLayout) ?? "") : {}),
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
      return codecpar.width > 0 && frameRate(stream).num > 0 && seconds(stream.duration, stream.timeBase) !== undefined
    default:
      return true
  }
}
