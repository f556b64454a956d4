import { AV_BUFFERSRC_FLAG_PUSH, AVERROR_EOF } from "node-av/constants"
import { type FilterContext, type FilterGraph, Frame, Packet, Rational } from "node-av/lib"
import { MeterRun } from "../../meters/MeterRun.js"
import type { MeterJob } from "../../meters/WavMeterRun.js"
import type { SoundPass } from "../DecodePass.js"
import { converted } from "../FilterChain.js"
import type { RequestFailure, RequestOutcome } from "../JobOutcome.js"
import { meteredOutcomes, meterJob } from "../meterJob.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import { gapFilter, isTimed, longestGap, TimeAxis, TOLERANCE } from "../TimeAxis.js"
import type { DecodeContext } from "./DecodeContext.js"
import { configured, FilterRun, find, sampleFormat, soundFormat, soundSource } from "./FilterRun.js"
import { frameSink, type FrameSink } from "./FrameSink.js"
import {
  type Complaints,
  decode,
  failureOf,
  frames,
  must,
  open,
  packetTime,
  ranges,
  restart,
  seek,
  stop,
  timeOf
} from "./InputFile.js"

/** The name of the branch that all meters hear. */
const METERS = "pcm"

interface Tap {
  readonly place: number
  readonly sink: FilterContext
  readonly output: FrameSink
  failure: RequestFailure | undefined
}

/** All meters of a pass: they hear one stream, decoded as it is. */
class Meters {
  readonly #run: MeterRun
  failure: RequestFailure | undefined

  constructor(
    readonly sink: FilterContext,
    readonly pass: SoundPass,
    { specs, ...job }: MeterJob,
    first: Frame
  ) {
    const { channels, sampleRate } = first
    this.#run = new MeterRun(specs, { ...job, sampleRate, channels, mask: maskOf(first.channelLayout) })
  }

  take(frame: Frame): void {
    const [data] = frame.data ?? []
    if (data !== undefined) this.#run.read(data.subarray(0, frame.nbSamples * frame.channels * 4))
  }

  finish(outcomes: Map<number, RequestOutcome>): void {
    const failure = this.failure
    for (const [place, outcome] of meteredOutcomes(this.pass, this.#run.finish())) outcomes.set(place, failure ?? outcome)
  }

  fail(error: unknown, outcomes: Map<number, RequestOutcome>): void {
    for (const [place] of meteredOutcomes(this.pass, [])) outcomes.set(place, failureOf(error))
  }
}

/** The bits of a layout; 0 where the file doesn't say. */
const maskOf = ({ mask }: Frame["channelLayout"]): number => Number(BigInt(mask) & 0xffff_ffffn)

/** Filters with one branch for every request that can be served; the others' failures are noted. */
class Filters {
  readonly #graph: FilterGraph
  readonly #input: FilterContext
  readonly #taps: ReadonlyArray<Tap>
  readonly #meters: Meters | undefined
  readonly #out = new Frame()
  /** No branch takes any more: each had what it needed. */
  full = false

  constructor(first: Frame, pass: SoundPass, { duration, maxBytes }: DecodeContext, outcomes: Map<number, RequestOutcome>) {
    const sound = { sampleRate: first.sampleRate, channels: first.channels, format: sampleFormat(first.format) }
    const metered = meterJob(pass, duration)
    const opened = pass.handlers.flatMap(({ handler: { end }, place }) => {
      if (end._tag === "Meters") return []
      try {
        return [{ place, end, output: frameSink(end, sound, maxBytes) }]
      } catch (error) {
        outcomes.set(place, failureOf(error))
        return []
      }
    })
    const heads = [...(metered === undefined ? [] : [METERS]), ...opened.map(({ place }) => String(place))]
    const gaps = isTimed(pass.container) ? `,${gapFilter}` : ""
    this.#graph = configured(
      [
        `${soundSource(first, sampleFormat(first.format))}${gaps},asplit=${heads.length}${heads.map((head) => `[s${head}]`).join("")}`,
        ...(metered === undefined ? [] : [`[s${METERS}]${converted(undefined, { sample_fmts: "flt" })},abuffersink@w${METERS}`]),
        ...opened.map(({ end, output, place }) => `[s${place}]${end.filters(pass)}${output.suffix},abuffersink@w${place}`)
      ].join(";")
    )
    this.#input = find(this.#graph, "abuffer@in")
    this.#meters = metered && new Meters(find(this.#graph, `abuffersink@w${METERS}`), pass, metered, first)
    this.#taps = opened.map(({ output, place }) => ({
      place,
      output,
      sink: find(this.#graph, `abuffersink@w${place}`),
      failure: undefined
    }))
    this.#out.alloc()
  }

  /** One frame in (`null`: the end), and whatever comes out into the branches. */
  push(frame: Frame | null): void {
    const entered = this.#input.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_PUSH)
    this.full = entered === AVERROR_EOF
    if (!this.full) must(entered, "filtering")
    const meters = this.#meters
    if (meters !== undefined) this.#drain(meters.sink, meters, (frame) => meters.take(frame))
    for (const tap of this.#taps)
      this.#drain(
        tap.sink,
        tap,
        (frame) => tap.output.take(frame),
        () => tap.output.abandon()
      )
  }

  /** A branch that failed takes no more; the others go on. */
  #drain(
    sink: FilterContext,
    branch: { failure: RequestFailure | undefined },
    take: (frame: Frame) => void,
    abandon: () => void = () => undefined
  ): void {
    while (sink.buffersinkGetFrameSync(this.#out) >= 0) {
      if (branch.failure === undefined)
        try {
          take(this.#out)
        } catch (error) {
          branch.failure = failureOf(error)
          abandon()
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
    try {
      this.#meters?.finish(outcomes)
    } catch (error) {
      this.#meters?.fail(error, outcomes)
    }
    this.#out.free()
    this.#graph.free()
  }
}

/** Seconds of sound between two reports. */
const STRIDE = 20

/** What a decode may read beyond the length that is known, which a header may tell wrongly; a bomb's is cut. */
const beyond = (duration: number): number => duration * 3 + 60

/** Lays decoded frames out on one axis and in one shape, and hands them to the filters. */
class Sequence {
  readonly #axis: TimeAxis
  #filters: Filters | undefined
  #converter: FilterRun | undefined
  /** The shape that the filters take, and the one that came last. */
  #shape = ""
  #latest = ""
  #rate = 1
  /** The next sample's place, from the origin. */
  #position = 0
  #start = 0
  /** What is added to times as they stand in the file. */
  #offset = 0

  constructor(
    readonly pass: SoundPass,
    readonly context: DecodeContext,
    readonly outcomes: Map<number, RequestOutcome>
  ) {
    this.#axis = new TimeAxis(longestGap(pass.container))
  }

  /** Seconds from the origin to the end of what came. */
  get end(): number {
    return this.#axis.end ?? 0
  }

  /** Seconds of sound that came, with what its gaps last. */
  get seconds(): number {
    return this.end - this.#start
  }

  get isEmpty(): boolean {
    return this.#filters === undefined
  }

  /** Whether nothing takes any more. */
  get isFull(): boolean {
    return this.#filters?.full === true
  }

  /** @param time in seconds from the origin, where the frame says */
  take(frame: Frame, time: number | undefined): void {
    const own = soundSource(frame, sampleFormat(frame.format))
    const at = this.#axis.place(
      this.isEmpty ? this.#first(time) : time === undefined ? undefined : time + this.#offset,
      frame.nbSamples / frame.sampleRate
    )
    if (this.#filters === undefined) {
      this.#filters = new Filters(frame, this.pass, this.context, this.outcomes)
      this.#converter = new FilterRun(soundFormat(frame, sampleFormat(frame.format)), "sound")
      this.#shape = this.#latest = own
      this.#rate = frame.sampleRate
      this.#start = at
    }
    if (own !== this.#latest) this.#flush()
    this.#latest = own
    const place = Math.round(at * this.#rate)
    // A converter holds some samples back; what differs by more is a gap.
    if (Math.abs(place - this.#position) > (TOLERANCE / 2) * this.#rate) this.#position = place
    if (own === this.#shape) this.#push(frame)
    else this.#converter?.push(own, frame, (converted) => this.#push(converted))
  }

  /** The first frame of a file is heard where the file's own beginning says, whatever its packets count from. */
  #first(time = 0): number {
    const { origin, startSeconds } = this.pass
    if (origin > 0 || Math.abs(time - startSeconds) <= TOLERANCE) return time
    this.#offset = startSeconds - time
    return startSeconds
  }

  finish(): void {
    this.#flush()
    this.#filters?.finish(this.outcomes)
    this.#converter?.close()
  }

  #flush(): void {
    this.#converter?.end((converted) => this.#push(converted))
  }

  #push(frame: Frame): void {
    frame.timeBase = new Rational(1, this.#rate)
    frame.pts = BigInt(this.#position)
    this.#position += frame.nbSamples
    this.#filters?.push(frame)
  }
}

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
  const sequence = new Sequence(pass, context, outcomes)
  const packet = new Packet()
  packet.alloc()
  const frame = new Frame()
  frame.alloc()
  const limit = pass.seconds ?? beyond(context.duration)
  const isDone = () => sequence.end >= limit || sequence.isFull
  let reported = 0
  // Links of a chained Ogg may differ in everything, so each is opened as a file of its own.
  for (const range of context.links === undefined ? [undefined] : ranges(context.links, context.size)) {
    const input = open(context.url, [pass.stream], { late: showsStreamsLate(pass.container), range })
    const decoding = decode(input, pass.stream, 1)
    const take = (frame: Frame) => {
      const time = timeOf(input, frame, decoding)
      // A link's times are its own: it follows on the last.
      sequence.take(frame, time === undefined || (range !== undefined && range.start > 0) ? undefined : time - pass.origin)
    }
    let latest = -Infinity
    seek(input, pass.origin)
    while (!isDone() && input.context.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === pass.stream.index) {
        const at = packetTime(packet, decoding)
        if (at !== undefined && at < latest - TOLERANCE) restart(decoding, frame, complaints, take)
        latest = at ?? latest
        frames(decoding, packet, frame, complaints, take)
      }
      packet.unref()
      if (sequence.end - reported > STRIDE) {
        reported = sequence.end
        await context.progress(Math.max(0, sequence.end))
      }
    }
    if (!isDone()) frames(decoding, null, frame, complaints, take)
    decoding.decoder.freeContext()
    input.context.closeInputSync()
  }
  if (sequence.isEmpty) stop("Undecodable", complaints.first ?? "the decoder gave no sound")
  sequence.finish()
  packet.free()
  frame.free()
  return sequence.seconds
}
