import { AV_BUFFERSRC_FLAG_PUSH, AVERROR_EOF } from "node-av/constants"
import { type FilterContext, type FilterGraph, Frame, Packet, Rational } from "node-av/lib"
import { chain, type SoundWant } from "../Chain.js"
import { failed, type Failed } from "../Failed.js"
import type { Reading } from "../Outcome.js"
import type { Placed, SoundPass } from "../Pass.js"
import { branch, type Branch } from "./Branch.js"
import { configured, find, Flow, sampleFormat, soundFormat, soundSource } from "./Graph.js"
import { type Complaints, decode, frames, must, open, seek, Stop, stop, timeOf } from "./Source.js"
import type { Terms } from "./Terms.js"

interface Tap {
  readonly place: number
  readonly sink: FilterContext
  readonly branch: Branch
  failure: Failed | undefined
}

/** Filters with one branch for every want that can be served; the others' failures are noted. */
class Filters {
  readonly #graph: FilterGraph
  readonly #input: FilterContext
  readonly #taps: ReadonlyArray<Tap>
  readonly #out = new Frame()
  /** No branch takes any more: each had what it wanted. */
  full = false

  constructor(first: Frame, pass: SoundPass, { duration, maxBytes }: Terms, readings: Map<number, Reading>) {
    const sound = { sampleRate: first.sampleRate, channels: first.channels, format: sampleFormat(first.format) }
    const setting = {
      origin: pass.origin,
      seconds: pass.seconds ?? duration,
      sampleRate: first.sampleRate,
      reads: "frames"
    } as const
    const opened = pass.wants.flatMap(({ place, want }: Placed<SoundWant>) => {
      try {
        return [{ place, want, branch: branch(want, sound, maxBytes) }]
      } catch (error) {
        readings.set(place, failureOf(error))
        return []
      }
    })
    const splits = opened.map(({ place }) => `[s${place}]`).join("")
    this.#graph = configured(
      [
        `${soundSource(first, sampleFormat(first.format))},asplit=${opened.length}${splits}`,
        ...opened.map(({ branch, place, want }) => {
          const sink = want._tag === "WaveformImage" ? "buffersink" : "abuffersink"
          const end = want._tag === "WaveformImage" ? "" : `,${branch.suffix}`
          return `[s${place}]${chain(want, { ...setting, name: `m${place}` })}${end},${sink}@w${place}`
        })
      ].join(";")
    )
    this.#input = find(this.#graph, "abuffer@in")
    this.#taps = opened.map(({ branch, place, want }) => ({
      place,
      branch,
      sink: find(this.#graph, `${want._tag === "WaveformImage" ? "buffersink" : "abuffersink"}@w${place}`),
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
            tap.branch.take(this.#out)
          } catch (error) {
            tap.failure = failureOf(error)
            tap.branch.abandon()
          }
        this.#out.unref()
      }
  }

  finish(readings: Map<number, Reading>): void {
    this.push(null)
    for (const tap of this.#taps)
      try {
        readings.set(tap.place, tap.failure ?? tap.branch.finish())
      } catch (error) {
        readings.set(tap.place, failureOf(error))
      }
    this.#out.free()
    this.#graph.free()
  }
}

/** What a thrown error is to a want. */
export const failureOf = (error: unknown): Failed => {
  if (error instanceof Stop) return error.failure
  const full = error instanceof Error && "code" in error && error.code === "ENOSPC"
  return failed(full ? "DiskFull" : "EngineFailed", error instanceof Error ? error.message : String(error))
}

/** Seconds of sound between two reports. */
const STRIDE = 20

/** Seconds by which times may differ from the count of samples before they mean a gap. */
const GAP = 0.05

/**
 * Decodes the sound once for all wants of a pass.
 *
 * @returns seconds that were decoded
 */
export const decodeSound = async (
  pass: SoundPass,
  terms: Terms,
  complaints: Complaints,
  readings: Map<number, Reading>
): Promise<number> => {
  const source = open(terms.url, [pass.stream])
  const decoding = decode(source, pass.stream, 1)
  seek(source, pass.origin)
  const packet = new Packet()
  packet.alloc()
  const frame = new Frame()
  frame.alloc()
  let filters: Filters | undefined
  let converter: Flow | undefined
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
      filters = new Filters(frame, pass, terms, readings)
      shape = own
      rate = frame.sampleRate
      position = Math.round(((time ?? 0) - pass.origin) * rate)
      converter = new Flow(soundFormat(frame, sampleFormat(frame.format)), "sound")
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
      await terms.headway(Math.max(0, position / rate))
    }
  }
  if (!satisfied()) frames(decoding, null, frame, complaints, take)
  if (filters === undefined) stop("Undecodable", complaints.first ?? "the decoder gave no sound")
  else filters.finish(readings)
  converter?.close()
  packet.free()
  frame.free()
  decoding.decoder.freeContext()
  source.context.closeInputSync()
  return decoded
}
