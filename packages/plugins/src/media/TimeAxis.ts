/**
 * Seconds by which a time may differ from the end of what came before: containers round to milliseconds, and clocks drift. What
 * differs by more is a gap, or another beginning.
 */
export const TOLERANCE = 0.1

/**
 * Seconds after which a jump forward is no gap but another recording, in containers whose times may jump at any place: dashcams, DVDs
 * and set-top boxes put parts behind each other.
 */
const LONGEST_GAP = 10

/** FFmpeg's names of containers whose times may jump at any place. */
const jumping = new Set(["mpegts", "mpeg", "ogg"])

/** Containers whose packets carry no times of their own: nothing in them is late, and nothing has a gap. */
const untimed = new Set(
  "wav,w64,mp3,flac,aac,ac3,eac3,dts,truehd,mlp,amr,amrnb,amrwb,aiff,au,ape,wv,tta,mpc,mpc8,dsf,loas,voc,caf".split(",")
)

/** Whether packets carry times. */
export const isTimed = (container: string): boolean => !untimed.has(container)

/** The longest jump forward that is a gap in the sound, in seconds. */
export const longestGap = (container: string): number => (jumping.has(container) ? LONGEST_GAP : Infinity)

/**
 * One axis from times as they stand in a file: what a gap leaves out keeps its time, and what begins again (the next part of a
 * recording, the next link of a chained Ogg) follows on what came before.
 */
export class TimeAxis {
  #offset = 0
  #next: number | undefined
  /** Whether what came before didn't say how long it lasts. */
  #open = false
  /** How often the times began again. */
  jumps = 0

  constructor(readonly longestGap: number) {}

  /** The end of what was placed, in seconds; `undefined` before the first. */
  get end(): number | undefined {
    return this.#next
  }

  /**
   * Places a packet or frame.
   *
   * @param time as it stands in the file; `undefined` where it says nothing
   * @param seconds how long it lasts
   * @returns where it begins
   */
  place(time: number | undefined, seconds: number): number {
    const next = this.#next
    const at = next === undefined ? (time ?? 0) : time === undefined ? next : this.#follow(time + this.#offset, next)
    this.#next = at + seconds
    this.#open = seconds === 0
    return at
  }

  #follow(at: number, next: number): number {
    if (at >= next - TOLERANCE && at <= next + TOLERANCE) return this.#open ? Math.max(at, next) : next
    if (at > next && at - next <= this.longestGap) return at
    this.#offset += next - at
    this.jumps++
    return next
  }
}

/**
 * The same as a filter of FFmpeg, for engines that place frames by their times: `ld(0)` is the offset, `ld(1)` the end of what came
 * before, `ld(2)` whether there was anything.
 *
 * @param start seconds of the file at which its first frame is known to be heard; `undefined` where the decode begins elsewhere
 * @param isChained whether links of an Ogg follow each other: ffmpeg's command counts their headers as sound, and puts a gap there
 */
export const axisFilter = (container: string, start: number | undefined, isChained = false): string => {
  const longest = isChained ? TOLERANCE : Math.min(longestGap(container), 1e9)
  const [late, far] = [`${TOLERANCE}*SR`, `${longest}*SR`]
  const begins = `ld(2)*(lt(ld(3),ld(1)-${late})+gt(ld(3),ld(1)+${far}))`
  const first = start === undefined ? "" : `if(not(ld(2))*gt(abs(PTS-${start}*SR),${late}),st(0,trunc(${start}*SR)-PTS),0);`
  return (
    `asetpts='${first}st(3,if(isnan(PTS),ld(1),PTS+ld(0)));st(3,if(${begins},st(0,ld(0)+ld(1)-ld(3))*0+ld(1),ld(3)));` +
    `st(2,1);st(1,ld(3)+NB_SAMPLES);ld(3)'`
  )
}

/** A filter that makes stretches of the file silent, whatever was decoded there; empty without any. */
export const silencing = (gaps: ReadonlyArray<readonly [from: number, to: number]>, origin: number): string =>
  gaps.length === 0
    ? ""
    : `volume=volume=0:enable='${gaps.map(([from, to]) => `between(t,${from - origin},${to - origin})`).join("+")}',`

/** Fills what the axis leaves empty between frames with silence; sound without gaps passes bit by bit. */
export const gapFilter = `aresample=async=1:min_hard_comp=${TOLERANCE}`
