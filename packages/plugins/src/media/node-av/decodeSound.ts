import { AV_BUFFERSRC_FLAG_PUSH, AVERROR_EOF } from "node-av/constants"
import { type FilterContext, type FilterGraph, Frame, Packet, Rational } from "node-av/lib"
import type { SoundPass } from "../DecodePass.js"
import type { RequestFailure, RequestOutcome } from "../JobOutcome.js"
import type { SoundEnd } from "../RequestHandler.js"
import type { DecodeContext } from "./DecodeContext.js"
import { configured, FilterRun, find, sampleFormat, soundFormat, soundSource } from "./FilterRun.js"
import { frameSink, type FrameSink } from "./FrameSink.js"
import { type Complaints, decode, failureOf, frames, must, open, seek, stop, timeOf } from "./InputFile.js"

interface Tap {
  readonly place: number
  readonly sink: FilterContext
  readonly output: FrameSink
  failure: RequestFailure | undefined
}

const sinkFilter = (end: SoundEnd): string => (end._tag === "Picture" ? "buffersink" : "abuffersink")

/** Filters with one branch for every request that can be served; the others' failures are noted. */
class Filters {
  readonly #graph: FilterGraph
  readonly #input: FilterContext
  readonly #taps: ReadonlyArray<Tap>
  readonly #out = new Frame()
  /** No branch takes any more: each had what it needed. */
  full = false

  constructor(first: Frame, pass: SoundPass, { duration, maxBytes }: DecodeContext, outcomes: Map<number, RequestOutcome>) {
    const sound = { sampleRate: first.sampleRate, channels: first.channels, format: sampleFormat(first.format) }
    const setting = {
      origin: pass.origin,
      seconds: pass.seconds ?? duration,
      sampleRate: first.sampleRate,
      reads: "frames"
    } as const
    const opened = pass.handlers.flatMap(({ handler, place }) => {
      try {
        return [{ place, handler, output: frameSink(handler.end, sound, maxBytes) }]
      } catch (error) {
        outcomes.set(place, failureOf(error))
        return []
      }
    })
    const splits = opened.map(({ place }) => `[s${place}]`).join("")
    this.#graph = configured(
      [
        `${soundSource(first, sampleFormat(first.format))},asplit=${opened.length}${splits}`,
        ...opened.map(
          ({ handler, output, place }) =>
            `[s${place}]${handler.filters({ ...setting, name: `m${place}` })}${output.suffix},${sinkFilter(handler.end)}@w${place}`
        )
      ].join(";")
    )
    this.#input = find(this.#graph, "abuffer@in")
    this.#taps = opened.map(({ handler, output, place }) => ({
      place,
      output,
      sink: find(this.#graph, `${sinkFilter(handler.end)}@w${place}`),
      failure: undefined
    }))
    this.#out.alloc()
  }

  /** One frame in (`null`: the end), and whatever comes out into the branches. */
  push(frame: Frame | null): void {
    const entered = this.#input.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_PUSH)
    this.full = entered === AVERROR_EOF
    if (!this.full) must(entered, "filtering")
    for (const tap of this.#taps)
      while (tap.sink.buffersinkGetFrameSync(this.#out) >= 0) {
        if (tap.failure === undefined)
          try {
            tap.output.take(this.#out)
          } catch (error) {
            tap.failure = failureOf(error)
            tap.output.abandon()
          }
        this.#out.unref()
      }
  }

  finish(outcomes: Map<number, RequestOutcome>): void {
    this.push(null)
    for (const tap of this.#taps)
      try {
        outcomes.set(tap.place, tap.failure ?? tap.output.finish())
      } catch (error) {
        outcomes.set(tap.place, failureOf(error))
      }
    this.#out.free()
    this.#graph.free()
  }
}

/** Seconds of sound between two reports. */
const STRIDE = 20

/** Seconds by which times may differ from the count of samples before they mean a gap. */
const GAP = 0.05

/**
 * Decodes the sound once for all requests of a pass.
 *
 * @returns seconds that were decoded
 */
export const decodeSound = async (
  pass: SoundPass,
  context: DecodeContext,
  complaints: Complaints,
  outcomes: Map<number, RequestOutcome>
): Promise<number> => {
  const source = open(context.url, [pass.stream])
  const decoding = decode(source, pass.stream, 1)
  seek(source, pass.origin)
  const packet = new Packet()
  packet.alloc()
  const frame = new Frame()
  frame.alloc()
  let filters: Filters | undefined
  let converter: FilterRun | undefined
  let shape = ""
  let rate = 1
  /** Samples since the origin; below 0 for those that the seek landed before it. */
  let position = 0
  let decoded = 0
  const end = pass.seconds ?? Infinity

  const push = (frame: Frame) => {
    frame.timeBase = new Rational(1, rate)
    frame.pts = BigInt(position)
    position += frame.nbSamples
    filters?.push(frame)
  }
  const take = (frame: Frame) => {
    const time = timeOf(source, frame, decoding)
    const own = soundSource(frame, sampleFormat(frame.format))
    decoded += frame.nbSamples / frame.sampleRate
    if (filters === undefined) {
      filters = new Filters(frame, pass, context, outcomes)
      shape = own
      rate = frame.sampleRate
      position = Math.round(((time ?? 0) - pass.origin) * rate)
      converter = new FilterRun(soundFormat(frame, sampleFormat(frame.format)), "sound")
    }
    // Where the container left a gap (a muted microphone), what follows keeps its time.
    if (time !== undefined) position = Math.max(position, Math.round((time - pass.origin - GAP) * rate))
    if (own === shape) push(frame)
    else converter?.push(own, frame, push)
  }

  const satisfied = () => position / rate >= end || filters?.full === true

  let reported = 0
  while (!satisfied() && source.context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === pass.stream.index) frames(decoding, packet, frame, complaints, take)
    packet.unref()
    if (decoded - reported > STRIDE) {
      reported = decoded
      await context.progress(Math.max(0, position / rate))
    }
  }
  if (!satisfied()) frames(decoding, null, frame, complaints, take)
  if (filters === undefined) stop("Undecodable", complaints.first ?? "the decoder gave no sound")
  else filters.finish(outcomes)
  converter?.close()
  packet.free()
  frame.free()
  decoding.decoder.freeContext()
  source.context.closeInputSync()
  return decoded
}
