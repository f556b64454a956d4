import { Dictionary, FFmpegError, FormatContext, type Stream as AvStream } from "node-av/lib"
import type { Inspection, Refused } from "../Inspection.js"
import { mustCount } from "../PacketScan.js"
import { leadOf, presented } from "../presentation.js"
import { rawInspection } from "../rawInspection.js"
import { storedOrder } from "../storedOrder.js"
import { sniff, type Sniffed } from "../security/Sniff.js"
import { inputOptions, lateStreamOptions, describedPart, partOf, showsStreamsLate, sourceOptions } from "../security/Whitelist.js"
import { judge } from "../Streams.js"
import { withNames, withOwn } from "../tags/ownTags.js"
import { correctStreams } from "./correctStreams.js"
import { countPackets } from "./countPackets.js"
import { describeStream, isDescribed, isElementary } from "./describeStream.js"
import { fileTags } from "./fileTags.js"
import { inputFormat } from "./InputFile.js"
import { positive, seconds, time } from "./streamTime.js"

const MICROSECONDS = { num: 1, den: 1_000_000 }

const opened = (context: FormatContext, url: string, sniffed: Sniffed, thorough: boolean): Inspection => {
  const first = context.streams
  const told = first.map((stream) => seconds(stream.duration, stream.timeBase))
  const header = seconds(context.duration, MICROSECONDS)
  const isWanting = thorough || !first.every(isDescribed)
  if (isWanting) context.findStreamInfoSync()
  // Each asking makes them anew.
  const found = isWanting ? context.streams : first
  const container = context.iformat?.name?.split(",")[0] ?? "unknown"
  const elementary = found.filter(isElementary)
  const start = Math.min(...elementary.map((stream) => time(stream.startTime, stream.timeBase) ?? Infinity))
  const fileStart = Number.isFinite(start) ? start : 0
  const longest = Math.max(0, ...elementary.map((stream) => seconds(stream.duration, stream.timeBase) ?? 0))
  // What one length of an ASF tells of all streams, libav counts from where the last of them begins.
  const known = (container === "asf" ? positive(longest) : undefined) ?? seconds(context.duration, MICROSECONDS) ?? longest
  const lead = leadOf(sniffed, fileStart)
  const untold = told.every((one) => one === undefined) && header === undefined
  const scanned =
    sniffed.untold || known <= 0 || mustCount(container, untold, fileStart - lead)
      ? countPackets(context, container, Number.isFinite(start) ? start : undefined, url, sniffed.parts)
      : undefined
  const streams = found.map((stream) =>
    // A header that times only the whole times its one stream too. What was counted is no promise.
    describeStream(stream, {
      told: scanned === undefined ? (told[stream.index] ?? (elementary.length === 1 ? header : undefined)) : undefined,
      fileStart: scanned?.start ?? fileStart - lead,
      container
    })
  )
  return {
    size: sniffed.size,
    container,
    durationSeconds:
      scanned === undefined || scanned.durationSeconds <= 0
        ? Math.max(known, lead > 0 ? lead + longest : 0)
        : scanned.durationSeconds,
    ...(scanned === undefined && lead > 0 ? { leadSeconds: lead } : {}),
    ...(scanned?.isJoined === true ? { isJoined: true } : {}),
    ...(sniffed.parts === undefined ? {} : { parts: sniffed.parts }),
    streams,
    tags: withOwn(withNames(fileTags(context, container), elementary.map(streamTags)), sniffed.tags)
  }
}

const streamTags = ({ metadata }: AvStream) =>
  Object.fromEntries(Object.entries(metadata?.getAll() ?? {}).map(([name, value]) => [name.toLowerCase(), value]))

/** What the tags say that stand around the only part, or the samples, which are read. */
const outerTags = (url: string): Record<string, string> => {
  const context = new FormatContext()
  context.allocContext()
  if (context.openInputSync(url, null, Dictionary.fromObject({ ...inputOptions, max_probe_packets: 1 })) < 0) return {}
  const tags = fileTags(context, context.iformat?.name?.split(",")[0] ?? "unknown")
  context.closeInputSync()
  return tags
}

const look = (url: string, sniffed: Sniffed, thorough: boolean): Inspection | number => {
  const context = new FormatContext()
  context.allocContext()
  const late = showsStreamsLate(sniffed.container)
  const part = describedPart(sniffed)
  // A second look probes as libav does on its own: DTS in a WAV shows only after many packets.
  const options = {
    ...sourceOptions(part),
    ...(late ? lateStreamOptions(sniffed.container) : thorough ? {} : { max_probe_packets: 1 })
  }
  const source = part === undefined ? url : partOf(url, part)
  const code = context.openInputSync(source, inputFormat(sniffed.demuxer), Dictionary.fromObject(options))
  if (code < 0) return code
  const inspection = opened(context, url, sniffed, thorough || late)
  context.closeInputSync()
  const tags = part === undefined ? inspection.tags : { ...outerTags(url), ...inspection.tags }
  return correctStreams(presented(storedOrder({ ...inspection, tags }, sniffed), sniffed), url, sniffed)
}

/**
 * Says what a file is, without decoding more than a packet of it.
 *
 * @param path as Node's `fs` takes it
 * @param url what libav opens: `file:` and an absolute path, or a link to it
 */
export const inspect = (path: string | Buffer, url: string): Inspection | Refused => {
  const sniffed = sniff(path)
  if (sniffed.refusal !== undefined) return { refusal: sniffed.refusal.code, detail: sniffed.refusal.detail }
  if (sniffed.raw !== undefined)
    return judge({ ...rawInspection(sniffed.raw, sniffed.size), tags: withOwn(outerTags(url), sniffed.tags) })
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
