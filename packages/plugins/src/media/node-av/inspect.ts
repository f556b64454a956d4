import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_STILL_IMAGE,
  AV_NOPTS_VALUE,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO
} from "node-av/constants"
import { avGetCodecName, Dictionary, FFmpegError, FormatContext, Packet, type Stream as AvStream } from "node-av/lib"
import type { Inspection, Refused, Stream } from "../Inspection.js"
import { sniff } from "../security/Sniff.js"
import { inputOptions } from "../security/Whitelist.js"
import { judge } from "../Streams.js"
import * as TagEncoding from "../TagEncoding.js"
import { rawTags } from "./rawTags.js"

/** A tag is text from a stranger: this much of it, in characters, is kept. */
const TAG = 4096
const TAGS = 200

/** A decoder of pictures that find_stream_info may use to learn a stream's shape; covers are left alone. */
const options = (packets: number | undefined): Dictionary =>
  Dictionary.fromObject({ ...inputOptions, ...(packets === undefined ? {} : { max_probe_packets: packets }) })

const seconds = (value: bigint, base: { readonly num: number; readonly den: number }): number | undefined =>
  value === AV_NOPTS_VALUE || value <= 0n ? undefined : (Number(value) * base.num) / base.den

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

const describe = (stream: AvStream, promisedSeconds: number | undefined): Stream => {
  const { codecpar } = stream
  const type = typeOf(stream)
  const rate = stream.avgFrameRate
  return {
    index: stream.index,
    type,
    codec: avGetCodecName(codecpar.codecId) ?? "unknown",
    ...(type === "audio" ? { sampleRate: positive(codecpar.sampleRate), channels: positive(codecpar.channels) } : {}),
    ...(type === "video" || type === "picture" ? { width: positive(codecpar.width), height: positive(codecpar.height) } : {}),
    ...(type === "video" ? { frameRate: positive(rate.num / rate.den) } : {}),
    bitRate: positive(Number(codecpar.bitRate)),
    promisedSeconds
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

/** Reads every packet for the time of the last: what a recording without a duration (a browser's WebM) takes. */
const measured = (context: FormatContext): number => {
  const packet = new Packet()
  packet.alloc()
  const bases = context.streams.map((stream) => stream.timeBase)
  const start = seconds(context.startTime, { num: 1, den: 1_000_000 }) ?? 0
  let end = 0
  while (context.readFrameSync(packet) >= 0) {
    const base = bases[packet.streamIndex]
    const at = base === undefined || packet.pts === AV_NOPTS_VALUE ? undefined : seconds(packet.pts + packet.duration, base)
    if (at !== undefined) end = Math.max(end, at)
    packet.unref()
  }
  packet.free()
  return end - start
}

const opened = (context: FormatContext, size: number, thorough: boolean): Inspection => {
  const promised = context.streams.map((stream) => seconds(stream.duration, stream.timeBase))
  const header = seconds(context.duration, { num: 1, den: 1_000_000 })
  if (thorough || !context.streams.every(complete)) context.findStreamInfoSync()
  const container = context.iformat?.name?.split(",")[0] ?? "unknown"
  const elementary = context.streams.filter((stream) => ["audio", "video"].includes(typeOf(stream)))
  const streams = context.streams.map((stream) =>
    // A header that times only the whole times its one stream too.
    describe(stream, promised[stream.index] ?? (elementary.length === 1 ? header : undefined))
  )
  const longest = Math.max(0, ...elementary.map((stream) => seconds(stream.duration, stream.timeBase) ?? 0))
  const known = seconds(context.duration, { num: 1, den: 1_000_000 }) ?? longest
  return { size, container, durationSeconds: known > 0 ? known : measured(context), streams, tags: tagsOf(context, container) }
}

const look = (url: string, size: number, thorough: boolean): Inspection | number => {
  const context = new FormatContext()
  context.allocContext()
  // A second look probes as libav does on its own: DTS in a WAV shows only after many packets.
  const code = context.openInputSync(url, null, options(thorough ? undefined : 1))
  if (code < 0) return code
  const inspection = opened(context, size, thorough)
  context.closeInputSync()
  return inspection
}

/**
 * Says what a file is, without decoding it.
 *
 * @param path as Node's `fs` takes it
 * @param url what libav opens: `file:` and an absolute path, or a link to it
 */
export const inspect = (path: string | Buffer, url: string): Inspection | Refused => {
  const sniffed = sniff(path)
  if (sniffed.refusal !== undefined) return { refusal: sniffed.refusal.code, detail: sniffed.refusal.detail }
  const first = look(url, sniffed.size, sniffed.disguised)
  if (typeof first === "number")
    return sniffed.known
      ? { refusal: "Undecodable", detail: `the container can't be read: ${FFmpegError.strerror(first)}` }
      : { refusal: "NotMedia", detail: `no reader knows the content: ${FFmpegError.strerror(first)}` }
  const verdict = judge(first)
  if (!("refusal" in verdict) || sniffed.disguised) return verdict
  const second = look(url, sniffed.size, true)
  return typeof second === "number" ? verdict : judge(second)
}
