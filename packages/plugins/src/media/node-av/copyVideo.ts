import { AV_CODEC_FLAG_BITEXACT, AV_NOPTS_VALUE, AV_PICTURE_TYPE_NONE } from "node-av/constants"
import { CodecContext, Frame, Packet, Rational } from "node-av/lib"
import type { VideoPass } from "../DecodePass.js"
import { muxerOf } from "../Encoding.js"
import type { Stream } from "../Inspection.js"
import { quality, type VideoCopy, videoFilters } from "../requests/videoCopy.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import { longestGap, TimeAxis } from "../TimeAxis.js"
import type { DecodeContext } from "./DecodeContext.js"
import { upright } from "./decodeFrame.js"
import { FilterRun, PICTURE_CLOCK, pictureSource, pixelFormat, sampleFormat, soundSource } from "./FilterRun.js"
import { type Complaints, decode, frames, type InputFile, must, open, seek, set, stop, timeOf } from "./InputFile.js"
import { findEncoder, OutputFile } from "./OutputFile.js"
import { openSoundEncoder } from "./SoundEncoder.js"

/** One stream on its way into the copy. */
interface Track {
  readonly index: number
  readonly take: (packet: Packet) => void
  readonly finish: () => void
}

/** The stretch of the input that is copied, in seconds. */
interface Span {
  /** FFmpeg's name of the container. */
  readonly container: string
  readonly origin: number
  readonly seconds: number
}

/** A stream as it is, with its times moved to the start of the copy. */
const remuxed = (source: InputFile, wanted: Stream, output: OutputFile, { origin, seconds }: Span): Track => {
  const stream = source.streams[wanted.index] ?? stop("Undecodable", `stream ${wanted.index} has gone`)
  const { den, num } = stream.timeBase
  const offset = BigInt(Math.round(((origin + source.start / 1e6) * den) / num))
  const end = Number.isFinite(seconds) ? BigInt(Math.round((seconds * den) / num)) : undefined
  const place = output.add((target) => {
    must(stream.codecpar.copy(target.codecpar), "describing the stream")
    target.codecpar.codecTag = 0
  }, stream.timeBase)
  const moved = (time: bigint) => (time === AV_NOPTS_VALUE ? time : time - offset)
  return {
    index: wanted.index,
    take: (packet) => {
      packet.pts = moved(packet.pts)
      packet.dts = moved(packet.dts)
      if (end === undefined || packet.pts === AV_NOPTS_VALUE || packet.pts < end) output.write(packet, place)
    },
    finish: () => undefined
  }
}

/** Runs a stream through decoder, filters and encoder. */
const recoded = (
  source: InputFile,
  wanted: Stream,
  complaints: Complaints,
  { container, origin, seconds }: Span,
  make: (decoding: ReturnType<typeof decode>) => {
    readonly filters: FilterRun
    readonly clock: number
    readonly shape: (frame: Frame) => string
    /** Seconds that a frame lasts; 0 for pictures, which keep their times to the millisecond. */
    readonly lasts: (frame: Frame) => number
    readonly encode: (frame: Frame | null) => void
  }
): Track => {
  const decoding = decode(source, wanted, 0)
  const { clock, encode, filters, lasts, shape } = make(decoding)
  const axis = new TimeAxis(longestGap(container))
  const frame = new Frame()
  frame.alloc()
  let latest = -1
  const take = (frame: Frame) => {
    const time = axis.place(timeOf(source, frame, decoding), lasts(frame)) - origin
    if (time < -1e-3 || time >= seconds) return
    const own = shape(frame)
    // Encoders want times that rise.
    latest = Math.max(latest + 1, Math.round(time * clock))
    frame.timeBase = new Rational(1, clock)
    frame.pts = BigInt(latest)
    filters.push(own, frame, encode)
  }
  return {
    index: wanted.index,
    take: (packet) => frames(decoding, packet, frame, complaints, take),
    finish: () => {
      frames(decoding, null, frame, complaints, take)
      filters.end(encode)
      encode(null)
      filters.close()
      frame.free()
      decoding.decoder.freeContext()
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
    const first = new FilterRun(upright(stream) + videoFilters(request), "picture")
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
    context.colorSpace = decoder.colorSpace
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
    // A picture that changes its size on the way is brought to that of the first.
    const exact = `${first.filters},scale=${context.width}:${context.height}`
    first.close()
    return {
      filters: new FilterRun(exact, "picture"),
      clock: PICTURE_CLOCK,
      lasts: () => 0,
      shape: (frame) => pictureSource(frame, pixelFormat(frame.format)),
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
    return {
      filters: new FilterRun(filters, "sound"),
      clock: decoder.sampleRate,
      lasts: (frame) => frame.nbSamples / frame.sampleRate,
      shape: (frame) => soundSource(frame, sampleFormat(frame.format)),
      encode: (frame) => output.encode(context, frame, place)
    }
  })

/** Seconds of the input between two reports. */
const STRIDE = 2

/** Makes a copy of picture and sound. */
export const copyVideo = async (
  pass: VideoPass,
  { container, maxBytes, progress, url }: DecodeContext,
  complaints: Complaints
): Promise<void> => {
  const { request } = pass
  const span: Span = { container, origin: request.cut?.startSeconds ?? 0, seconds: request.cut?.durationSeconds ?? Infinity }
  const sound = request.audioCodec === "none" ? undefined : pass.sound
  const source = open(url, sound === undefined ? [pass.picture] : [pass.picture, sound], { late: showsStreamsLate(container) })
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
  seek(source, span.origin)
  const packet = new Packet()
  packet.alloc()
  let reported = 0
  const beyond = new Set<number>()
  while (beyond.size < tracks.length && source.context.readFrameSync(packet) >= 0) {
    const base = source.streams[packet.streamIndex]?.timeBase
    const stamp = packet.dts
    const time = stamp === AV_NOPTS_VALUE || base === undefined ? 0 : (Number(stamp) * base.num) / base.den - source.start / 1e6
    if (time > span.origin + span.seconds + 1) beyond.add(packet.streamIndex)
    tracks.find(({ index }) => index === packet.streamIndex)?.take(packet)
    packet.unref()
    if (time - reported > STRIDE) {
      reported = time
      await progress(Math.max(0, time - span.origin))
    }
  }
  for (const track of tracks) track.finish()
  output.finish()
  output.close()
  packet.free()
  source.context.closeInputSync()
}
