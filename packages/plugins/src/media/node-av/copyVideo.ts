import { AV_CODEC_FLAG_BITEXACT, AV_NOPTS_VALUE, AV_PICTURE_TYPE_NONE } from "node-av/constants"
import { CodecContext, Frame, Packet, Rational } from "node-av/lib"
import type { VideoPass } from "../DecodePass.js"
import { muxerOf } from "../Encoding.js"
import type { Stream } from "../Inspection.js"
import { quality, type VideoCopy, videoFilters } from "../requests/videoCopy.js"
import type { ByteRange } from "../security/FileBytes.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import { cropping } from "../Streams.js"
import { longestGap, TimeAxis } from "../TimeAxis.js"
import type { DecodeContext } from "./DecodeContext.js"
import { FilterRun, PICTURE_CLOCK, pixelAspect, pictureSource, pixelFormat, sampleFormat, soundSource } from "./FilterRun.js"
import { type Complaints, decode, frames, type InputFile, must, open, seek, set, stop, streamOf, timeOf } from "./InputFile.js"
import { findEncoder, OutputFile } from "./OutputFile.js"
import { upright } from "./rotation.js"
import { SteadyFilters } from "./SteadyFilters.js"
import { openSoundEncoder } from "./SoundEncoder.js"

/** One stream on its way into the copy. */
interface Track {
  /** Its place in the part that is read. */
  readonly index: () => number
  readonly take: (packet: Packet) => void
  /** Takes what is left of a part of the file, and says at which second of the file it ends. */
  readonly end: () => number
  /** Goes on with the next part, which begins at that second of the file. */
  readonly follow: (source: InputFile, base: number) => void
  readonly finish: () => void
}

/** The stretch of the input that is copied, in seconds. */
interface Span {
  /** FFmpeg's name of the container. */
  readonly container: string
  readonly origin: number
  readonly seconds: number
}

/** Containers that tell codecs by the tags of Windows. */
const tagged = new Set(["avi", "asf"])

/** A stream as it is, with its times moved to the start of the copy. */
const remuxed = (first: InputFile, wanted: Stream, output: OutputFile, { container, origin, seconds }: Span): Track => {
  let [source, base, last, jump] = [first, 0, 0, 0]
  let latest: bigint | undefined
  const axis = new TimeAxis(longestGap(container))
  const own = ({ streams }: InputFile) => streamOf(streams, wanted) ?? stop("Undecodable", `stream ${wanted.index} has gone`)
  const stream = own(first)
  const { den, num } = stream.timeBase
  const ticks = (seconds: number) => BigInt(Math.round((seconds * den) / num))
  const end = Number.isFinite(seconds) ? ticks(seconds) : undefined
  const place = output.add((target) => {
    must(stream.codecpar.copy(target.codecpar), "describing the stream")
    // An AVI's tag tells which kind of a codec it is; Matroska keeps it, and no other has a place for it.
    if (!(output.muxer.name === "matroska" && tagged.has(container))) target.codecpar.codecTag = 0
  }, stream.timeBase)
  return {
    index: () => own(source).index,
    take: (packet) => {
      const moment = packet.dts === AV_NOPTS_VALUE ? packet.pts : packet.dts
      if (moment !== AV_NOPTS_VALUE) {
        const { jumps } = axis
        const time = (Number(moment) * num) / den - source.start / 1e6 + base
        const place = axis.place(time, (Number(packet.duration) * num) / den)
        // Another recording begins, with times of its own.
        if (axis.jumps > jumps) jump = place - time
      }
      const offset = ticks(origin + source.start / 1e6 - base - jump)
      const moved = (time: bigint) => (time === AV_NOPTS_VALUE ? time : time - offset)
      packet.pts = moved(packet.pts)
      packet.dts = moved(packet.dts)
      if (packet.dts !== AV_NOPTS_VALUE) {
        // What an encoder put before a recording overlaps the end of the one before.
        if (latest !== undefined && packet.dts <= latest) packet.dts = latest + 1n
        if (packet.pts !== AV_NOPTS_VALUE && packet.pts < packet.dts) packet.pts = packet.dts
        latest = packet.dts
      }
      if (packet.pts !== AV_NOPTS_VALUE) last = Math.max(last, (Number(packet.pts + packet.duration) * num) / den + origin)
      if (end === undefined || packet.pts === AV_NOPTS_VALUE || packet.pts < end) output.write(packet, place)
    },
    end: () => last,
    follow: (next, seconds) => {
      if (own(next).codecpar.codecId !== stream.codecpar.codecId)
        stop("CodecRefused", "the recordings behind each other have different codecs, and can't be copied as they are")
      source = next
      base = seconds
    },
    finish: () => undefined
  }
}

/** Runs a stream through decoder, filters and encoder. */
const recoded = (
  first: InputFile,
  wanted: Stream,
  complaints: Complaints,
  { container, origin, seconds }: Span,
  make: (decoding: ReturnType<typeof decode>) => {
    readonly filters: SteadyFilters
    readonly clock: number
    readonly shape: (frame: Frame) => string
    /** Seconds that a frame lasts; 0 for pictures, which keep their times to the millisecond. */
    readonly lasts: (frame: Frame) => number
    /** Seconds that the last picture stands. */
    readonly still?: number
    readonly encode: (frame: Frame | null) => void
  }
): Track => {
  let [source, base, decoding] = [first, 0, decode(first, wanted, 0)]
  const { clock, encode, filters, lasts, shape, still = 0 } = make(decoding)
  const axis = new TimeAxis(longestGap(container))
  const frame = new Frame()
  frame.alloc()
  let latest = -1
  const take = (frame: Frame) => {
    const own = timeOf(source, frame, decoding)
    const time = axis.place(own === undefined ? undefined : own + base, lasts(frame)) - origin
    if (time < -1e-3 || time >= seconds) return
    const kind = shape(frame)
    // Encoders want times that rise.
    latest = Math.max(latest + 1, Math.round(time * clock))
    frame.timeBase = new Rational(1, clock)
    frame.pts = BigInt(latest)
    filters.push(kind, frame, encode)
  }
  const drain = () => {
    frames(decoding, null, frame, complaints, take)
    decoding.decoder.freeContext()
  }
  return {
    index: () => decoding.stream.index,
    take: (packet) => frames(decoding, packet, frame, complaints, take),
    end: () => {
      drain()
      return (axis.end ?? 0) + still
    },
    follow: (next, seconds) => {
      source = next
      base = seconds
      decoding = decode(next, wanted, 0)
    },
    finish: () => {
      drain()
      filters.end(encode)
      encode(null)
      filters.close()
      frame.free()
    }
  }
}

const videoTrack = (
  source: InputFile,
  wanted: Stream,
  complaints: Complaints,
  span: Span,
  output: OutputFile,
  request: VideoCopy
): Track =>
  recoded(source, wanted, complaints, span, ({ decoder, stream }) => {
    const { codec, encoder } = findEncoder(request.videoCodec)
    const first = new FilterRun(cropping(wanted) + upright(stream) + videoFilters(request), "picture")
    decoder.sampleAspectRatio = pixelAspect(stream, decoder)
    const shape = first.open(pictureSource(decoder, decoder.pixelFormat))
    const context = new CodecContext()
    context.allocContext3(codec)
    context.width = shape.buffersinkGetWidth()
    context.height = shape.buffersinkGetHeight()
    context.pixelFormat = pixelFormat(shape.buffersinkGetFormat())
    context.sampleAspectRatio = shape.buffersinkGetSampleAspectRatio()
    context.timeBase = new Rational(1, PICTURE_CLOCK)
    context.framerate = stream.avgFrameRate
    // What the numbers of its colours mean; without, players guess by the size.
    context.colorPrimaries = decoder.colorPrimaries
    context.colorTrc = decoder.colorTrc
    // RGB becomes something else on the way.
    context.colorSpace = shape.buffersinkGetColorspace()
    context.colorRange = shape.buffersinkGetColorRange()
    context.chromaLocation = decoder.chromaLocation
    context.threadCount = 0
    context.setFlags(AV_CODEC_FLAG_BITEXACT)
    output.prepare(context)
    const options = { crf: quality(request), ...(request.videoCodec === "vp9" ? { b: 0 } : {}), ...encoder.options }
    set(context, options)
    must(context.open2Sync(codec), `opening ${encoder.name}`)
    const place = output.add((target) => must(target.codecpar.fromContext(context), "describing the stream"), context.timeBase)
    const { den, num } = stream.avgFrameRate
    // What the last picture lasts stands nowhere: without it a player never shows it.
    const lasts = num > 0 && den > 0 ? BigInt(Math.round((PICTURE_CLOCK * den) / num)) : BigInt(PICTURE_CLOCK / 25)
    first.close()
    return {
      filters: new SteadyFilters(first.filters, "picture"),
      clock: PICTURE_CLOCK,
      lasts: () => 0,
      still: Number(lasts) / PICTURE_CLOCK,
      shape: (frame) => {
        frame.sampleAspectRatio = pixelAspect(stream, frame)
        return pictureSource(frame, pixelFormat(frame.format))
      },
      encode: (frame) => {
        // The decoder's kinds of frames are not the encoder's.
        if (frame !== null) frame.pictType = AV_PICTURE_TYPE_NONE
        output.encode(context, frame, place, lasts)
      }
    }
  })

const soundTrack = (
  source: InputFile,
  wanted: Stream,
  complaints: Complaints,
  span: Span,
  output: OutputFile,
  codec: string
): Track =>
  recoded(source, wanted, complaints, span, ({ decoder }) => {
    const sound = {
      sampleRate: decoder.sampleRate,
      channels: decoder.channels,
      format: decoder.sampleFormat,
      channelLayout: decoder.channelLayout
    }
    const { context, filters, place } = openSoundEncoder(output, codec, sound, {})
    const clock = sound.sampleRate
    return {
      filters: new SteadyFilters(filters, "sound"),
      clock,
      lasts: (frame) => frame.nbSamples / frame.sampleRate,
      shape: (frame) => soundSource(frame, sampleFormat(frame.format), clock),
      encode: (frame) => output.encode(context, frame, place)
    }
  })

/** Seconds of the input between two reports. */
const STRIDE = 2

/** Makes a copy of picture and sound, from all parts of the file. */
export const copyVideo = async (
  pass: VideoPass,
  { container, isJoined, lead, maxBytes, parts, progress, url }: DecodeContext,
  complaints: Complaints
): Promise<void> => {
  const { request } = pass
  const span: Span = { container, origin: request.cut?.startSeconds ?? 0, seconds: request.cut?.durationSeconds ?? Infinity }
  const sound = request.audioCodec === "none" ? undefined : pass.sound
  const opened = (range: ByteRange | undefined) =>
    open(url, sound === undefined ? [pass.picture] : [pass.picture, sound], {
      container,
      isCopied: [request.videoCodec, request.audioCodec].includes("copy"),
      late: showsStreamsLate(container),
      // A copy of all begins with its first picture.
      lead: request.cut === undefined ? 0 : lead,
      range
    })
  const [first, ...more] = parts ?? []
  let source = opened(first)
  const output = new OutputFile(request.path, muxerOf(request.container), Math.min(request.maxBytes ?? maxBytes, maxBytes))
  const tracks = [
    request.videoCodec === "copy"
      ? remuxed(source, pass.picture, output, span)
      : videoTrack(source, pass.picture, complaints, span, output, request)
  ]
  if (sound !== undefined)
    tracks.push(
      request.audioCodec === "copy"
        ? remuxed(source, sound, output, span)
        : soundTrack(source, sound, complaints, span, output, request.audioCodec)
    )
  output.start()
  if (!isJoined) seek(source, span.origin)
  const packet = new Packet()
  packet.alloc()
  let [reported, base] = [0, 0]
  const beyond = new Set<number>()
  const read = async () => {
    while (beyond.size < tracks.length && source.context.readFrameSync(packet) >= 0) {
      const clock = source.streams[packet.streamIndex]?.timeBase
      const stamp = packet.dts
      const own =
        stamp === AV_NOPTS_VALUE || clock === undefined ? 0 : (Number(stamp) * clock.num) / clock.den - source.start / 1e6
      const time = own + base
      if (time > span.origin + span.seconds + 1) beyond.add(packet.streamIndex)
      tracks.find(({ index }) => index() === packet.streamIndex)?.take(packet)
      packet.unref()
      if (time - reported > STRIDE) {
        reported = time
        await progress(Math.max(0, time - span.origin))
      }
    }
  }
  await read()
  for (const part of more) {
    if (beyond.size === tracks.length) break
    base = Math.max(...tracks.map(({ end }) => end()))
    const next = opened(part)
    for (const track of tracks) track.follow(next, base)
    source.context.closeInputSync()
    source = next
    await read()
  }
  for (const track of tracks) track.finish()
  output.finish()
  output.close()
  packet.free()
  source.context.closeInputSync()
}
