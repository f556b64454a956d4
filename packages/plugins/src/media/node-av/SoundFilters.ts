import { AV_BUFFERSRC_FLAG_PUSH, AV_CHANNEL_ORDER_NATIVE, AVERROR_EOF } from "node-av/constants"
import { avChannelLayoutDefault, type ChannelLayout, type FilterContext, type FilterGraph, Frame } from "node-av/lib"
import { MeterRun } from "../../meters/MeterRun.js"
import type { MeterJob } from "../../meters/WavMeterRun.js"
import { ordering } from "../ChannelOrder.js"
import { maskOf } from "../CodecLimits.js"
import type { SoundPass } from "../DecodePass.js"
import { converted } from "../FilterChain.js"
import type { RequestFailure, RequestOutcome } from "../JobOutcome.js"
import { meteredOutcomes, meterJob } from "../meterJob.js"
import { PLACED } from "../Streams.js"
import { gapFilter, isTimed, silencing } from "../TimeAxis.js"
import type { DecodeContext } from "./DecodeContext.js"
import { configured, find, sampleFormat, soundSource } from "./FilterRun.js"
import { frameSink, type FrameSink } from "./FrameSink.js"
import { failureOf, must } from "./InputFile.js"
import type { Sound } from "./SoundEncoder.js"

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
    sound: Sound
  ) {
    const { channels, sampleRate } = sound
    this.#run = new MeterRun(specs, { ...job, sampleRate, channels, mask: bitsOf(sound) })
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

/** The bits of a layout; 0 where nobody knows where its channels stand, or where a WAV has no bits for its places. */
const bitsOf = ({ channelLayout, channels, isUnplaced }: Sound): number => {
  const { mask, order } =
    isUnplaced === true || channels > PLACED || channelLayout.order === AV_CHANNEL_ORDER_NATIVE
      ? channelLayout
      : avChannelLayoutDefault(channels)
  return order !== AV_CHANNEL_ORDER_NATIVE || mask > 0xffff_ffffn ? 0 : Number(mask)
}

/** Where the channels stand behind the filter that brings them into FFmpeg's order. */
const orderedLayout = ({ channelLayout, channels }: Frame, { order }: SoundPass["stream"]): ChannelLayout => {
  const mask = order && maskOf(order.layout)
  return mask === undefined ? channelLayout : { nbChannels: channels, order: AV_CHANNEL_ORDER_NATIVE, mask }
}

/** Filters with one branch for every request that can be served; the others' failures are noted. */
export class SoundFilters {
  readonly #graph: FilterGraph
  readonly #input: FilterContext
  readonly #taps: ReadonlyArray<Tap>
  readonly #meters: Meters | undefined
  readonly #out = new Frame()
  /** No branch takes any more: each had what it needed. */
  full = false

  constructor(first: Frame, pass: SoundPass, { duration, maxBytes }: DecodeContext, outcomes: Map<number, RequestOutcome>) {
    const sound = {
      sampleRate: first.sampleRate,
      channels: first.channels,
      format: sampleFormat(first.format),
      channelLayout: orderedLayout(first, pass.stream),
      isUnplaced: pass.stream.isUnplaced
    }
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
    const gaps = isTimed(pass.container) ? `${gapFilter},${silencing(pass.stream.gaps ?? [], pass.origin)}` : ""
    this.#graph = configured(
      [
        `${soundSource(first, sampleFormat(first.format), first.sampleRate, sound.isUnplaced)},${ordering(pass.stream.order)}${gaps}asplit=${heads.length}${heads.map((head) => `[s${head}]`).join("")}`,
        ...(metered === undefined ? [] : [`[s${METERS}]${converted(undefined, { sample_fmts: "flt" })},abuffersink@w${METERS}`]),
        ...opened.map(({ end, output, place }) => `[s${place}]${end.filters(pass)}${output.suffix},abuffersink@w${place}`)
      ].join(";")
    )
    this.#input = find(this.#graph, "abuffer@in")
    this.#meters = metered && new Meters(find(this.#graph, `abuffersink@w${METERS}`), pass, metered, sound)
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
