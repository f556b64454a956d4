import {
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD
} from "node-av/constants"
import {
  avGetCodecName,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  InputFormat,
  Frame,
  Packet,
  type Stream as AvStream
} from "node-av/lib"
import type { Stream } from "../Inspection.js"
import type { RequestFailure } from "../JobOutcome.js"
import { readerOf } from "../security/Demuxer.js"
import type { ByteRange } from "../security/FileBytes.js"
import type { RawSamples } from "../security/RawSamples.js"
import {
  decoders,
  lateStreamOptions,
  maxPixels,
  partOf,
  rawDemuxer,
  rawOptions,
  reads,
  sourceOptions
} from "../security/Whitelist.js"
import { isMistaken, PLACED } from "../Streams.js"
import { fillPause, isPause } from "./speechPause.js"

/** A failure that ends one request or one input, thrown inside the child and answered as data. */
export class DecodeError extends Error {
  constructor(readonly failure: RequestFailure) {
    super(failure.detail)
  }
}
export const stop = (code: RequestFailure["code"], detail: string): never => {
  throw new DecodeError({ _tag: "Failed", code, detail })
}

/** What a thrown error is to a request. */
export const failureOf = (error: unknown): RequestFailure => {
  if (error instanceof DecodeError) return error.failure
  const full = error instanceof Error && "code" in error && error.code === "ENOSPC"
  const detail = error instanceof Error ? error.message : String(error)
  return { _tag: "Failed", code: full ? "DiskFull" : "EngineFailed", detail }
}

const ENOSPC = -28

/**
 * Throws what libav refused.
 *
 * @param cause whose fault it is: what can't be filtered, encoded or written is no damage of the file
 */
export const must = (code: number, doing: string, cause: "EngineUnable" | "Undecodable" = "EngineUnable"): number => {
  if (code >= 0) return code
  return stop(code === ENOSPC ? "DiskFull" : cause, `${doing}: ${FFmpegError.strerror(code)}`)
}

/**
 * Sets options, of the object or of what is inside it. A `Dictionary` handed to `open2Sync` is freed twice, by libav and by the garbage
 * collector, so codecs and containers are told one by one.
 */
export const set = (target: CodecContext | FormatContext, options: Readonly<Record<string, string | number>>): void => {
  for (const [name, value] of Object.entries(options)) must(target.setOption(name, String(value)), `the option ${name}`)
}

/** A stream that is decoded. */
export interface Decoding {
  readonly stream: AvStream
  readonly decoder: CodecContext
}

/** Counts what decoder and demuxer complain of. */
export interface Complaints {
  count: number
  first: string | undefined
}

const mpegSound = new Set(["mp1", "mp2", "mp3"])

/** How the tags begin that stand between MPEG recordings that were joined. */
const tags = /^(ID3|TAG|APETAGEX|LYRICSBEGIN)/

/** Whether what a demuxer took for MPEG sound is a tag. */
const isTag = ({ stream }: Decoding, packet: Packet | null): boolean => {
  const bytes = packet?.data
  return (
    bytes != null && mpegSound.has(avGetCodecName(stream.codecpar.codecId) ?? "") && tags.test(bytes.toString("latin1", 0, 11))
  )
}

/** An opened input. Packets of other streams than those decoded or copied are thrown away by the demuxer. */
export interface InputFile {
  readonly context: FormatContext
  readonly streams: ReadonlyArray<AvStream>
  /** Where the file begins in its own times, in microseconds. */
  readonly start: number
}

/** How an input is opened. */
export interface Opening {
  /** FFmpeg's name of the container; absent: libav looks. */
  readonly container?: string | undefined
  /** Whether streams go into a copy as they are, for which each packet needs a time; an AVI tells none. */
  readonly isCopied?: boolean
  /** Seconds of the file before its first packet. */
  readonly lead?: number | undefined
  /** Whether its streams may show late. */
  readonly late?: boolean
  /** The part that is read; absent: all of it. */
  readonly range?: ByteRange | undefined
  /** The samples, where they are read without their header. */
  readonly raw?: RawSamples | undefined
}

const optionsOf = (
  used: ReadonlyArray<Stream>,
  { container, isCopied = false, late = false, range, raw }: Opening
): Readonly<Record<string, string | number>> => {
  if (raw !== undefined) return { ...rawOptions(raw), sample_rate: raw.sampleRate, ch_layout: channelsOf(raw) }
  const options = { ...sourceOptions(range), ...(isCopied ? { fflags: "+genpts" } : {}) }
  if (late) return { ...options, ...lateStreamOptions(container) }
  // DTS in a WAV shows only to a probe of many packets.
  return used.some(({ codec }) => codec === "dts") ? options : { ...options, max_probe_packets: 1 }
}

/** So many channels: of a usual number in the usual places, of more in none. */
const channelsOf = ({ channels }: RawSamples): string => `${channels}${channels > PLACED ? "C" : "c"}`

/** libav's reader of a container; `null` lets it look. */
export const inputFormat = (container: string | undefined): InputFormat | null =>
  container === undefined ? null : InputFormat.findInputFormat(container)

const kinds = { audio: AVMEDIA_TYPE_AUDIO, video: AVMEDIA_TYPE_VIDEO } as const

/** The stream of an opening that a stream of the file goes on in: the next of several recordings may have them in another order. */
export const streamOf = (streams: ReadonlyArray<AvStream>, { index, type }: Stream): AvStream | undefined => {
  const kind = type === "audio" || type === "video" ? kinds[type] : undefined
  const own = streams[index]
  return kind === undefined || own?.codecpar.codecType === kind
    ? own
    : streams.find(({ codecpar }) => codecpar.codecType === kind)
}

/** Opens an input. Packets of streams that aren't used are thrown away. */
export const open = (url: string, used: ReadonlyArray<Stream>, opening: Opening = {}): InputFile => {
  const context = new FormatContext()
  context.allocContext()
  const { container, lead = 0, range, raw } = opening
  const options = Dictionary.fromObject({ ...optionsOf(used, opening) })
  const part = raw ?? range
  const format = inputFormat(raw === undefined ? readerOf(container ?? "") : rawDemuxer(raw))
  must(context.openInputSync(part === undefined ? url : partOf(url, part), format, options), "opening", "Undecodable")
  must(context.findStreamInfoSync(), "reading the streams", "Undecodable")
  const streams = context.streams
  const taken = new Set(used.map((wanted) => streamOf(streams, wanted)?.index))
  for (const stream of streams) if (!taken.has(stream.index)) stream.discard = AVDISCARD_ALL
  const { startTime } = context
  return { context, streams, start: startTime === AV_NOPTS_VALUE ? 0 : Number(startTime) - lead * 1e6 }
}

/** Opens a decoder, one of those that the whitelist names. */
export const decode = ({ streams }: InputFile, wanted: Stream, threads: number): Decoding => {
  const stream = streamOf(streams, wanted) ?? stop("Undecodable", `stream ${wanted.index} has gone`)
  const { codecpar } = stream
  const own = avGetCodecName(codecpar.codecId)
  // PCM that libav takes for another.
  const mistaken = isMistaken(wanted) && own !== wanted.codec
  const codec =
    (mistaken
      ? Codec.getCodecList().find((one) => one.isDecoder() && one.name === wanted.codec)
      : Codec.findDecoder(codecpar.codecId)) ?? stop("CodecRefused", `no decoder for ${wanted.codec}`)
  const decoder = new CodecContext()
  decoder.allocContext3(codec)
  if (!reads(mistaken ? wanted.codec : (own ?? ""))) stop("CodecRefused", `the codec ${own} is not among those that are opened`)
  if (mistaken) {
    decoder.sampleRate = codecpar.sampleRate
    decoder.channelLayout = codecpar.channelLayout
  } else must(decoder.parametersToContext(codecpar), "setting up the decoder", "Undecodable")
  decoder.pktTimebase = stream.timeBase
  decoder.threadCount = threads
  // A recording behind another may have another codec.
  set(decoder, { codec_whitelist: decoders(wanted.codec, own ?? ""), max_pixels: maxPixels })
  if (decoder.open2Sync(codec) < 0) stop("CodecRefused", `the decoder of ${wanted.codec} doesn't open`)
  return { stream, decoder }
}

/** Goes to the key frame at or before `seconds`; what comes before it is the caller's to drop. */
export const seek = ({ context, start }: InputFile, seconds: number): void => {
  if (seconds > 0) context.seekFrameSync(-1, BigInt(Math.round(seconds * 1e6 + start)), AVSEEK_FLAG_BACKWARD)
}

/** The time of a frame in seconds of the input; `undefined` where neither container nor codec says. */
export const timeOf = ({ start }: InputFile, frame: Frame, { stream }: Decoding): number | undefined => {
  const stamp = frame.bestEffortTimestamp
  return stamp === AV_NOPTS_VALUE ? undefined : (Number(stamp) * stream.timeBase.num) / stream.timeBase.den - start / 1e6
}

/** The time of a packet as it stands in the file, in seconds. */
export const packetTime = ({ pts }: Packet, { stream: { timeBase } }: Decoding): number | undefined =>
  pts === AV_NOPTS_VALUE ? undefined : (Number(pts) * timeBase.num) / timeBase.den

/** Takes what a decoder still holds, and lets it begin anew: what it kept of one recording would be heard in the next. */
export const restart = (decoding: Decoding, frame: Frame, complaints: Complaints, each: (frame: Frame) => void): void => {
  frames(decoding, null, frame, complaints, each)
  decoding.decoder.flushBuffers()
}

/** Gives every frame that a packet (`null`: the end) yields; damage is counted and passed over. */
export const frames = (
  decoding: Decoding,
  packet: Packet | null,
  frame: Frame,
  complaints: Complaints,
  each: (frame: Frame) => void
): void => {
  const { decoder } = decoding
  // An empty one says that the picture before stands on: Theora's way.
  if (packet?.size === 0) return
  const complain = (code: number) => {
    if (isTag(decoding, packet)) return
    complaints.count++
    complaints.first ??= FFmpegError.strerror(code)
  }
  if (packet !== null && isPause(decoding.stream, packet)) {
    must(fillPause(decoder, packet, frame), "making silence")
    each(frame)
    return frame.unref()
  }
  const sent = decoder.sendPacketSync(packet)
  if (sent < 0 && sent !== AVERROR_EOF) complain(sent)
  for (;;) {
    const got = decoder.receiveFrameSync(frame)
    if (got === AVERROR_EAGAIN || got === AVERROR_EOF) return
    if (got < 0) return complain(got)
    each(frame)
    frame.unref()
  }
}
