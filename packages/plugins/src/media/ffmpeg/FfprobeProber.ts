import { RawPath, StateFolder, ThreadClient } from "@mediaspool/core"
import { Effect, Schema, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import type { Inspection, Stream } from "../Inspection.js"
import { MediaError } from "../MediaError.js"
import * as MediaUrl from "../MediaUrl.js"
import { type Prober, verdict } from "../Prober.js"
import * as Program from "../Program.js"
import { leadOf, presented } from "../presentation.js"
import { rawInspection } from "../rawInspection.js"
import { storedOrder } from "../storedOrder.js"
import { mustCount, PacketScan, type PacketTime, type Scanned } from "../PacketScan.js"
import type { ByteRange } from "../security/FileBytes.js"
import type { Sniffed } from "../security/Sniff.js"
import { describedPart, lateStreamOptions, partOf, showsStreamsLate, sourceOptions } from "../security/Whitelist.js"
import { display, isFrameRate, judge, language, placesOf, promised } from "../Streams.js"
import { withNames, withOwn } from "../tags/ownTags.js"
import { TOLERANCE } from "../TimeAxis.js"
import * as TagEncoding from "../TagEncoding.js"

const Text = Schema.optional(Schema.String)
const Amount = Schema.optional(Schema.Union(Schema.Number, Schema.NumberFromString))
const Format = Schema.Struct({
  format_name: Schema.String,
  duration: Amount,
  tags: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) })
})
const Printed = Schema.parseJson(
  Schema.Struct({
    format: Format,
    streams: Schema.Array(
      Schema.Struct({
        index: Schema.Int,
        codec_type: Text,
        codec_name: Text,
        sample_rate: Amount,
        channels: Amount,
        channel_layout: Text,
        width: Amount,
        height: Amount,
        avg_frame_rate: Text,
        r_frame_rate: Text,
        bit_rate: Amount,
        duration: Amount,
        start_time: Amount,
        sample_aspect_ratio: Text,
        side_data_list: Schema.optionalWith(Schema.Array(Schema.Struct({ rotation: Amount, displaymatrix: Text })), {
          default: () => []
        }),
        disposition: Schema.optional(Schema.Struct({ attached_pic: Amount, still_image: Amount, default: Amount })),
        tags: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) })
      })
    )
  })
)
type Printed = typeof Printed.Type

const positive = (value: number | undefined): number | undefined => (value !== undefined && value > 0 ? value : undefined)

const ratio = (text: string | undefined): number | undefined => {
  const [above = 0, below = 0] = (text ?? "").split("/").map(Number)
  return positive(Number.isFinite(above / below) ? above / below : undefined)
}

/** On the average, or where that is no rate the least. */
const rateOf = ({ avg_frame_rate, r_frame_rate }: Printed["streams"][number]): number | undefined =>
  [avg_frame_rate, r_frame_rate].map(ratio).find((rate) => rate !== undefined && isFrameRate(rate))

/** Containers whose headers time their streams; in others ffprobe estimates. */
const timed = new Set(["wav", "w64", "flac", "ogg", "mov", "aiff", "au", "caf"])

const pictureOf = ({
  height = 0,
  sample_aspect_ratio,
  side_data_list,
  width = 0
}: Printed["streams"][number]): Partial<Stream> => {
  const turned = side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0
  // It counts the other way round.
  const rotation = (((Math.round(-turned / 90) * 90) % 360) + 360) % 360
  const isMirrored = side_data_list.some(({ displaymatrix = "" }) => {
    // Three rows, each behind its number in hexadecimal digits.
    const [a = 1, b = 0, , c = 0, d = 1] = [...displaymatrix.replace(/^\w+:/gm, "").matchAll(/-?\d+/g)].map(Number)
    return a * d - b * c < 0
  })
  const pixelAspect = ratio(sample_aspect_ratio?.replace(":", "/")) ?? 1
  return width > 0 && height > 0 ? { width, height, ...display({ width, height, pixelAspect, rotation, isMirrored }) } : {}
}

const streamOf = (printed: Printed["streams"][number], container: string, start: number, isCounted: boolean): Stream => {
  const still = printed.disposition?.attached_pic === 1 || printed.disposition?.still_image === 1
  const type = (["audio", "video", "subtitle"] as const).find((one) => one === printed.codec_type) ?? "data"
  const late = (printed.start_time ?? start) - start
  const { language: spoken, title } = printed.tags
  const told = timed.has(container) && !isCounted ? positive(printed.duration) : undefined
  const seconds = promised(container, told)
  const codec = printed.codec_name ?? "unknown"
  return {
    index: printed.index,
    type: type === "video" && still ? "picture" : type,
    codec,
    sampleRate: positive(printed.sample_rate),
    channels: positive(printed.channels),
    ...(type === "audio" ? placesOf(codec, printed.channels ?? 0, printed.channel_layout) : {}),
    ...pictureOf(printed),
    ...(type === "video" && !still ? { frameRate: rateOf(printed) } : {}),
    bitRate: positive(printed.bit_rate),
    ...(seconds === undefined ? {} : { promisedSeconds: seconds }),
    ...((type === "audio" || (type === "video" && !still)) && late > TOLERANCE ? { startSeconds: late } : {}),
    ...(printed.disposition?.default === 1 ? { isDefault: true } : {}),
    ...(spoken === undefined || spoken === "und" ? {} : { language: language(spoken.slice(0, 64)) }),
    ...(type === "audio" && title !== undefined ? { title: Buffer.from(title, "latin1").toString("utf8").slice(0, 4096) } : {})
  }
}

/** The first time of any sound or picture, in seconds as they stand in the file. */
const startOf = ({ streams }: Printed): number | undefined => {
  const times = streams.flatMap(({ codec_type, start_time }) =>
    (codec_type === "audio" || codec_type === "video") && start_time !== undefined ? [start_time] : []
  )
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Seconds from the start of the file to the end of the last stream of an MP4: ffprobe tells what was there before an edit. */
const presentedSeconds = ({ streams }: Printed, start: number): number | undefined => {
  const ends = streams.flatMap(({ codec_type, disposition, duration, start_time = start }) =>
    codec_type === "audio" || (codec_type === "video" && disposition?.attached_pic !== 1)
      ? [duration === undefined ? NaN : start_time - start + duration]
      : []
  )
  const last = Math.max(...ends)
  return Number.isFinite(last) && last > 0 ? last : undefined
}

/** What was counted, where it says another than the header. */
const lengthOf = (told = 0, counted = 0): number => (counted > 0 && Math.abs(counted - told) > TOLERANCE ? counted : told)

const inspectionOf = (printed: Printed, sniffed: Sniffed, counted: Scanned | undefined): Inspection => {
  const { format, streams } = printed
  const container = containerOf(printed)
  const own = container === "ogg" ? (streams[0]?.tags ?? {}) : {}
  const first = startOf(printed) ?? 0
  const lead = counted === undefined ? leadOf(sniffed, first) : 0
  const start = counted?.start ?? first - lead
  return {
    size: sniffed.size,
    container,
    durationSeconds: lengthOf(
      (container === "mov" ? presentedSeconds(printed, start) : undefined) ?? format.duration,
      counted?.durationSeconds
    ),
    ...(lead > 0 ? { leadSeconds: lead } : {}),
    ...(counted?.isJoined === true ? { isJoined: true } : {}),
    ...(sniffed.parts === undefined ? {} : { parts: sniffed.parts }),
    streams: streams.map((stream) => streamOf(stream, container, start, counted !== undefined)),
    tags: withOwn(withNames(tagsOf({ ...own, ...format.tags }, container), streamTags(printed)), sniffed.tags)
  }
}

/** What the streams of sound and of moving pictures say of themselves. */
const streamTags = ({ streams }: Printed) =>
  streams.flatMap(({ codec_type, disposition, tags }) =>
    codec_type === "audio" || (codec_type === "video" && disposition?.attached_pic !== 1) ? [tagsOf(tags, "")] : []
  )

const containerOf = ({ format }: Printed): string => format.format_name.split(",")[0] ?? "unknown"

/** A line of ffprobe's about a packet: its stream, times and length. */
const packetOf = (line: string): PacketTime | undefined => {
  const [stream, shown, decoded, seconds] = line
    .split(",")
    .map((field) => (field === "N/A" || field === "" ? NaN : Number(field)))
  const told = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? undefined : value)
  return stream === undefined || Number.isNaN(stream)
    ? undefined
    : { stream, shown: told(shown), decoded: told(decoded), seconds: told(seconds) ?? 0 }
}

/** Tags whose characters are bytes, in the encoding that they have. */
const tagsOf = (tags: Readonly<Record<string, string>>, container: string): Readonly<Record<string, string>> => {
  const entries = Object.entries(tags).slice(0, 200)
  const bytes = (text: string) => Buffer.from(text, "latin1")
  const texts = TagEncoding.repair(
    TagEncoding.decode(
      entries.map(([, value]) => bytes(value)),
      container
    )
  )
  return Object.fromEntries(
    entries.map(([name], i) => [bytes(name).toString("utf8").slice(0, 4096).toLowerCase(), (texts[i] ?? "").slice(0, 4096)])
  )
}

/** Whether the length that ffprobe tells is its guess. */
const isUntold = (printed: Printed, sniffed: Sniffed): boolean => {
  const start = startOf(printed) ?? 0
  return (printed.format.duration ?? 0) <= 0 || mustCount(containerOf(printed), true, start - leadOf(sniffed, start))
}

/** A file, or a part of it, as ffprobe is told to open it. */
const opening = (source: string, part: ByteRange | undefined, more: Readonly<Record<string, string>>): ReadonlyArray<string> => [
  ...["-v", "error", "-hide_banner"],
  ...Object.entries({ ...sourceOptions(part), ...more }).flatMap(([name, value]) => [`-${name}`, value]),
  ...["-i", part === undefined ? source : partOf(source, part)]
]

/** Counts the packets of a file, part by part, without decoding any. */
const count = (
  ffprobe: string,
  openings: ReadonlyArray<ReadonlyArray<string>>,
  printed: Printed
): Effect.Effect<Scanned, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const scan = new PacketScan(containerOf(printed))
    const heard = new Set(
      printed.streams.flatMap(({ codec_type, index }) => (codec_type === "audio" || codec_type === "video" ? [index] : []))
    )
    const shown = ["-show_entries", "packet=stream_index,pts_time,dts_time,duration_time", "-of", "csv=p=0"]
    for (const words of openings) {
      const { stdout } = yield* Program.run(ffprobe, [...shown, ...words], "10 minutes")
      for (const line of stdout.split("\n")) {
        const packet = packetOf(line)
        if (packet !== undefined && heard.has(packet.stream)) scan.add(packet)
      }
    }
    return scan.finish(startOf(printed))
  })

/** What the tags say that stand around the only part, or the samples, which are read. */
const outerTags = (ffprobe: string, source: string, container: string) =>
  Program.run(
    ffprobe,
    ["-show_entries", "format", "-of", "json=string_validation=ignore", ...opening(source, undefined, {})],
    "60 seconds",
    "latin1"
  ).pipe(
    Effect.flatMap(({ stdout }) => Schema.decodeUnknown(Schema.parseJson(Schema.Struct({ format: Format })))(stdout)),
    Effect.match({ onFailure: () => ({}), onSuccess: ({ format }) => tagsOf(format.tags, container) })
  )

/** Probes with a process a file, where node-av isn't installed. */
export const make = (ffprobe: string): Effect.Effect<Prober, never, Scope.Scope | StateFolder> =>
  Effect.gen(function* () {
    const folder = yield* StateFolder
    const thread = yield* ThreadClient.make<string | Uint8Array, Sniffed, MediaError>(
      () => new Worker(ThreadClient.file(import.meta.url, "sniff.worker"), { resourceLimits: ThreadClient.thrifty }),
      (cause) => new MediaError({ code: "EngineFailed", detail: `the thread that looks at files ended: ${cause}` })
    )
    return (path) =>
      Effect.gen(function* () {
        const sniffed = yield* thread.ask(RawPath.forNode(path))
        if (sniffed.refusal !== undefined) return yield* new MediaError(sniffed.refusal)
        const source = yield* MediaUrl.input(path)
        if (sniffed.raw !== undefined) {
          const tags = withOwn(yield* outerTags(ffprobe, source, sniffed.raw.container), sniffed.tags)
          return yield* verdict(judge({ ...rawInspection(sniffed.raw, sniffed.size), tags }))
        }
        const late = {
          ...(sniffed.demuxer === undefined ? {} : { f: sniffed.demuxer }),
          ...(showsStreamsLate(sniffed.container) ? lateStreamOptions(sniffed.container) : {})
        }
        const part = describedPart(sniffed)
        // Bytes as they are in the file, each as one character: tags have any encoding.
        const json = ["-of", "json=string_validation=ignore"]
        const words = ["-show_format", "-show_streams", ...json, ...opening(source, part, late)]
        const { code, stderr, stdout } = yield* Program.run(ffprobe, words, "60 seconds", "latin1")
        if (code !== 0) {
          const detail = stderr.trim().split("\n").at(-1)?.replace(/^.*: /, "") ?? "ffprobe says nothing"
          if (code === undefined) return yield* new MediaError({ code: "EngineFailed", detail: "ffprobe was ended by a signal" })
          return yield* sniffed.known
            ? new MediaError({ code: "Undecodable", detail: `the container can't be read: ${detail}` })
            : new MediaError({ code: "NotMedia", detail: `no reader knows the content: ${detail}` })
        }
        const printed = yield* Effect.mapError(
          Schema.decodeUnknown(Printed)(stdout),
          ({ message }) => new MediaError({ code: "EngineFailed", detail: `ffprobe's output can't be read: ${message}` })
        )
        const parts = sniffed.parts ?? [undefined]
        const counted =
          sniffed.untold || isUntold(printed, sniffed)
            ? yield* count(
                ffprobe,
                parts.map((one) => opening(source, one, late)),
                printed
              )
            : undefined
        const found = inspectionOf(printed, sniffed, counted)
        const around = part === undefined ? {} : yield* outerTags(ffprobe, source, found.container)
        return yield* verdict(judge(presented(storedOrder({ ...found, tags: { ...around, ...found.tags } }, sniffed), sniffed)))
      }).pipe(Effect.scoped, Effect.provideService(StateFolder, folder))
  })
