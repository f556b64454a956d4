import {
  AV_CODEC_ID_NONE,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_STILL_IMAGE,
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVDISCARD_DEFAULT,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO
} from "node-av/constants"
import {
  avChannelLayoutDescribe,
  avGetCodecName,
  Dictionary,
  FFmpegError,
  FormatContext,
  Packet,
  type Stream as AvStream
} from "node-av/lib"
import type { Inspection, Refused, Stream } from "../Inspection.js"
import { rawInspection } from "../rawInspection.js"
import { mustCount, PacketScan, type Scanned } from "../PacketScan.js"
import { sniff, type Sniffed } from "../security/Sniff.js"
import {
  inputOptions,
  lateStreamOptions,
  onlyPart,
  partOf,
  reads,
  showsStreamsLate,
  sourceOptions
} from "../security/Whitelist.js"
import { display, hasOddPlaces, judge, language, promised } from "../Streams.js"
import * as TagEncoding from "../TagEncoding.js"
import { TOLERANCE } from "../TimeAxis.js"
import { decodedShape } from "./decodedShape.js"
import { rawTags } from "./rawTags.js"
import { rotationOf } from "./rotation.js"

/** A tag is text from a stranger: this much of it, in characters, is kept. */
const TAG = 4096
const TAGS = 200

const MICROSECONDS = { num: 1, den: 1_000_000 }

const time = (value: bigint, base: { readonly num: number; readonly den: number }): number | undefined =>
  value === AV_NOPTS_VALUE ? undefined : (Number(value) * base.num) / base.den

const seconds = (value: bigint, base: { readonly num: number; readonly den: number }): number | undefined =>
  positive(time(value, base) ?? 0)

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

const positive = (value: number): number | undefined => (Number.isFinite(value) && value > 0 ? value : undefined)

const picture = (stream: AvStream): Partial<Stream> => {
  const { codecpar } = stream
  const [width, height] = [positive(codecpar.width), positive(codecpar.height)]
  if (width === undefined || height === undefined) return {}
  const own = stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : codecpar.sampleAspectRatio
  const pixelAspect = own.num > 0 && own.den > 0 ? own.num / own.den : 1
  return { width, height, ...display({ width, height, pixelAspect, rotation: rotationOf(stream) }) }
}

/** Bits of a sample that every decoder of a codec reads. */
const DEEP = 24

const bitsOf = (codecpar: AvStream["codecpar"]): number =>
  avGetCodecName(codecpar.codecId) === "flac" && codecpar.extradata !== null && codecpar.extradata.length >= 14
    ? // Five bits of STREAMINFO (RFC 9639, 8.2), less one.
      (((codecpar.extradata[12] ?? 0) & 1) << 4) + ((codecpar.extradata[13] ?? 0) >> 4) + 1
    : 0

const describe = (stream: AvStream, told: number | undefined, fileStart: number, container: string): Stream => {
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
    ...(type === "audio" && tags["title"] !== undefined ? { title: tags["title"].slice(0, TAG) } : {})
  }
}

/** Whether the header alone said all that is reported; most of find_stream_info's time is spent on making sure. */
const complete = (stream: AvStream): boolean => {
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

const tagsOf = (context: FormatContext, container: string): Record<string, string> => {
  // Ogg keeps the tags of the file with its stream.
  const own = container === "ogg" ? context.streams[0]?.metadata : undefined
  const dictionaries = [own, context.metadata].filter((tags) => tags !== null && tags !== undefined)
  const found = new Map(
    dictionaries.flatMap((dictionary) => Object.entries(dictionary.getAll())).map(([name, value]) => [name.toLowerCase(), value])
  )
  const tags = [...found].slice(0, TAGS)
  const values = tags.map(([, value]) => value)
  const raw = values.some((value) => value.includes("\ufffd"))
    ? new Map(dictionaries.flatMap((dictionary) => [...rawTags(dictionary)]))
    : undefined
  const texts =
    raw === undefined
      ? TagEncoding.repair(values)
      : TagEncoding.decode(
          tags.map(([name, value]) => raw.get(name) ?? Buffer.from(value)),
          container
        )
  return Object.fromEntries(tags.map(([name], i) => [name.slice(0, TAG), (texts[i] ?? "").slice(0, TAG)]))
}

const isElementary = (stream: AvStream): boolean => ["audio", "video"].includes(typeOf(stream))

/** Hands every packet of sound and picture to a scan, without decoding any. */
const walk = (context: FormatContext, scanning: PacketScan): void => {
  const packet = new Packet()
  packet.alloc()
  const bases = context.streams.map((stream) => (isElementary(stream) ? stream.timeBase : undefined))
  for (const stream of context.streams) stream.discard = isElementary(stream) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
  while (context.readFrameSync(packet) >= 0) {
    const base = bases[packet.streamIndex]
    if (base !== undefined)
      scanning.add({
        stream: packet.streamIndex,
        decoded: time(packet.dts, base),
        shown: time(packet.pts, base),
        seconds: time(packet.duration, base) ?? 0
      })
    packet.unref()
  }
  packet.free()
}

/** Counts the packets of a file: of the opened context, and of the parts that stand behind each other. */
const scan = (
  context: FormatContext,
  container: string,
  start: number | undefined,
  url: string,
  parts: Sniffed["parts"]
): Scanned => {
  const scanning = new PacketScan(container)
  if (parts === undefined || onlyPart(parts) !== undefined) walk(context, scanning)
  else
    for (const part of parts) {
      const one = new FormatContext()
      one.allocContext()
      if (
        one.openInputSync(partOf(url, part), null, Dictionary.fromObject({ ...sourceOptions(part), max_probe_packets: 1 })) >= 0
      ) {
        one.findStreamInfoSync()
        walk(one, scanning)
        one.closeInputSync()
      }
    }
  return scanning.finish(start)
}

const opened = (context: FormatContext, url: string, sniffed: Sniffed, thorough: boolean): Inspection => {
  const told = context.streams.map((stream) => seconds(stream.duration, stream.timeBase))
  const header = seconds(context.duration, MICROSECONDS)
  if (thorough || !context.streams.every(complete)) context.findStreamInfoSync()
  const container = context.iformat?.name?.split(",")[0] ?? "unknown"
  const elementary = context.streams.filter(isElementary)
  const start = Math.min(...elementary.map((stream) => time(stream.startTime, stream.timeBase) ?? Infinity))
  const fileStart = Number.isFinite(start) ? start : 0
  const longest = Math.max(0, ...elementary.map((stream) => seconds(stream.duration, stream.timeBase) ?? 0))
  // What one length of an ASF tells of all streams, libav counts from where the last of them begins.
  const known = (container === "asf" ? positive(longest) : undefined) ?? seconds(context.duration, MICROSECONDS) ?? longest
  const untold = told.every((one) => one === undefined) && header === undefined
  const scanned =
    sniffed.untold || known <= 0 || mustCount(container, untold, fileStart)
      ? scan(context, container, Number.isFinite(start) ? start : undefined, url, sniffed.parts)
      : undefined
  const streams = context.streams.map((stream) =>
    // A header that times only the whole times its one stream too. What was counted is no promise.
    describe(
      stream,
      scanned === undefined ? (told[stream.index] ?? (elementary.length === 1 ? header : undefined)) : undefined,
      scanned?.start ?? fileStart,
      container
    )
  )
  return {
    size: sniffed.size,
    container,
    durationSeconds: scanned === undefined || scanned.durationSeconds <= 0 ? known : scanned.durationSeconds,
    ...(scanned?.isJoined === true ? { isJoined: true } : {}),
    ...(sniffed.parts === undefined ? {} : { parts: sniffed.parts }),
    streams,
    tags: tagsOf(context, container)
  }
}

/** What the tags say that stand around the only part which is read. */
const outerTags = (url: string): Record<string, string> => {
  const context = new FormatContext()
  context.allocContext()
  if (context.openInputSync(url, null, Dictionary.fromObject({ ...inputOptions, max_probe_packets: 1 })) < 0) return {}
  const tags = tagsOf(context, context.iformat?.name?.split(",")[0] ?? "unknown")
  context.closeInputSync()
  return tags
}

const look = (url: string, sniffed: Sniffed, thorough: boolean): Inspection | number => {
  const context = new FormatContext()
  context.allocContext()
  const late = showsStreamsLate(sniffed.container)
  const part = onlyPart(sniffed.parts)
  // A second look probes as libav does on its own: DTS in a WAV shows only after many packets.
  const options = { ...sourceOptions(part), ...(late ? lateStreamOptions : thorough ? {} : { max_probe_packets: 1 }) }
  const code = context.openInputSync(part === undefined ? url : partOf(url, part), null, Dictionary.fromObject(options))
  if (code < 0) return code
  const inspection = opened(context, url, sniffed, thorough || late)
  context.closeInputSync()
  const tags = part === undefined ? inspection.tags : { ...outerTags(url), ...inspection.tags }
  return corrected({ ...inspection, tags }, url, sniffed)
}

/**
 * Sound whose header may not tell what its decoder gives: spectral band replication doubles an AAC's rate, parametric stereo its
 * channels, and some streams say nothing before they are decoded.
 */
const mayBeOther = ({ channels = 0, codec, sampleRate = 0, type }: Stream, container: string): boolean =>
  type === "audio" &&
  reads(codec) &&
  (sampleRate === 0 ||
    channels === 0 ||
    (codec.startsWith("aac") && sampleRate <= 24_000) ||
    // An MP4 says 2 channels of it, whatever it has.
    (codec === "mp3" && container === "mov"))

/** Of the length of 24 bits in 32 that libav tells: it divides the bytes by 24 bits. */
const PADDED = 24 / 32

/** Whether libav takes 24 bits in 32 for a float of 24. */
const isPadded = ({ streams }: Pick<Inspection, "streams">, { padded }: Sniffed): boolean =>
  padded && streams.some(({ codec }) => codec === "pcm_f24le")

/** A WAV's samples as they are: libav takes those of another order of bytes, and 24 bits in 32, for others. */
const named = (stream: Stream, sniffed: Sniffed): Stream => {
  const { codec, promisedSeconds } = stream
  if (isPadded({ streams: [stream] }, sniffed))
    return {
      ...stream,
      codec: "pcm_s32le",
      ...(promisedSeconds === undefined ? {} : { promisedSeconds: promisedSeconds * PADDED })
    }
  return sniffed.bigEndian ? { ...stream, codec: codec.replace(/^(pcm_[sf]\d+)le$/, "$1be") } : stream
}

/** What the decoder gives, where the header may say less. */
const corrected = (found: Inspection, url: string, sniffed: Sniffed): Inspection => ({
  ...found,
  durationSeconds: isPadded(found, sniffed) ? found.durationSeconds * PADDED : found.durationSeconds,
  streams: found.streams
    .map((one) => named(one, sniffed))
    .map((stream) =>
      mayBeOther(stream, found.container)
        ? { ...stream, ...decodedShape(url, stream, { late: showsStreamsLate(sniffed.container), range: sniffed.parts?.[0] }) }
        : stream
    )
})

/**
 * Says what a file is, without decoding more than a packet of it.
 *
 * @param path as Node's `fs` takes it
 * @param url what libav opens: `file:` and an absolute path, or a link to it
 */
export const inspect = (path: string | Buffer, url: string): Inspection | Refused => {
  const sniffed = sniff(path)
  if (sniffed.refusal !== undefined) return { refusal: sniffed.refusal.code, detail: sniffed.refusal.detail }
  if (sniffed.raw !== undefined) return judge(rawInspection(sniffed.raw, sniffed.size))
  const first = look(url, sniffed, sniffed.disguised)
  if (typeof first === "number")
    return sniffed.known
      ? { refusal: "Undecodable", detail: `the container can't be read: ${FFmpegError.strerror(first)}` }
      : { refusal: "NotMedia", detail: `no reader knows the content: ${FFmpegError.strerror(first)}` }
  const verdict = judge(first)
  if (!("refusal" in verdict) || sniffed.disguised) return verdict
  const second = look(url, sniffed, true)
  return typeof second === "number" ? verdict : judge(second)
}
