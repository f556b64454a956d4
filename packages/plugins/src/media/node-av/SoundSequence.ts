import { type Frame, Rational } from "node-av/lib"
import type { SoundPass } from "../DecodePass.js"
import type { RequestOutcome } from "../JobOutcome.js"
import { longestGap, TimeAxis, TOLERANCE } from "../TimeAxis.js"
import type { DecodeContext } from "./DecodeContext.js"
import { FilterRun, sampleFormat, soundFormat, soundSource } from "./FilterRun.js"
import { SoundFilters } from "./SoundFilters.js"

/** Lays decoded frames out on one axis and in one shape, and hands them to the filters. */
export class SoundSequence {
  readonly #axis: TimeAxis
  #filters: SoundFilters | undefined
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
      this.#filters = new SoundFilters(frame, this.pass, this.context, this.outcomes)
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
