import { AV_CODEC_FLAG_BITEXACT, AV_NOPTS_VALUE, AV_PICTURE_TYPE_NONE } from "node-av/constants"
import { CodecContext, Frame, Packet, Rational } from "node-av/lib"
import { reordered } from "../ChannelOrder.js"
import type { VideoPass } from "../DecodePass.js"
import { muxerOf } from "../Encoding.js"
import type { Stream } from "../Inspection.js"
import { placing } from "../Mix.js"
import { quality, videoFilters } from "../requests/videoCopy.js"
import type { ByteRange } from "../security/FileBytes.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import { cropping } from "../Streams.js"
import { longestGap, TimeAxis } from "../TimeAxis.js"
import type { CopyTrack, Span } from "./CopyTrack.js"
import type { DecodeContext } from "./DecodeContext.js"
import { FilterRun, PICTURE_CLOCK, pixelAspect, pictureSource, pixelFormat, sampleFormat, soundSource } from "./FilterRun.js"
import { type Complaints, decode, frames, type InputFile, must, open, seek, set, timeOf } from "./InputFile.js"
import { frameRate } from "./frameRate.js"
import { findEncoder, OutputFile } from "./OutputFile.js"
import { remuxed } from "./remuxed.js"
import { upright } from "./rotation.js"
import { SteadyFilters } from "./SteadyFilters.js"
import { openSoundEncoder } from "./SoundEncoder.js"

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
    /** Seconds that the last picture of a recording stands. */
    readonly still?: number
    readonly encode: (frame: Frame | null) => void
    /** Hears of each frame when it begins, in the encoder's clock, and how many seconds it says to last. */
    readonly shown?: (at: number, seconds: number) => void
  }
): CopyTrack => {
  let [source, base, decoding] = [first, 0, decode(first, wanted, 0)]
  const { clock, encode, filters, lasts, shape, shown, still = 0 } = make(decoding)
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
    const { den, num } = decoding.stream.timeBase
    shown?.(latest, (Number(frame.duration) * num) / den)
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
  { endSeconds, request }: VideoPass
): CopyTrack =>
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
    context.framerate = frameRate(stream)
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
    const { den, num } = frameRate(stream)
    // What the last picture lasts stands nowhere: without it a player never shows it.
    const lasts = num > 0 && den > 0 ? BigInt(Math.round((PICTURE_CLOCK * den) / num)) : BigInt(PICTURE_CLOCK / 25)
    first.close()
    /** When the last picture begins, and what its packet says that it lasts. */
    let [last, own] = [0n, lasts]
    const lastsAt = (at: bigint): bigint => {
      if (at !== last) return lasts
      const left = endSeconds === undefined ? 0n : BigInt(Math.round(endSeconds * PICTURE_CLOCK)) - at
      return left > 0n ? left : own
    }
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
        output.encode(context, frame, place, frame === null ? lastsAt : () => lasts)
      },
      shown: (at, seconds) => {
        last = BigInt(at)
        own = seconds > 0 ? BigInt(Math.round(seconds * PICTURE_CLOCK)) : lasts
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
): CopyTrack =>
  recoded(source, wanted, complaints, span, ({ decoder }) => {
    const sound = {
      sampleRate: decoder.sampleRate,
      channels: decoder.channels,
      format: decoder.sampleFormat,
      channelLayout: decoder.channelLayout,
      isUnplaced: wanted.isUnplaced
    }
    const { context, filters, place } = openSoundEncoder(output, codec, sound, {})
    const clock = sound.sampleRate
    const placed = wanted.order === undefined ? placing(codec, wanted) : [reordered(wanted.order)]
    return {
      filters: new SteadyFilters([...placed, filters].join(","), "sound"),
      clock,
      lasts: (frame) => frame.nbSamples / frame.sampleRate,
      shape: (frame) => soundSource(frame, sampleFormat(frame.format), clock, wanted.isUnplaced),
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
      : videoTrack(source, pass.picture, complaints, span, output, pass)
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
