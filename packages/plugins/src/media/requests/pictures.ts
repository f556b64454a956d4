import type { Cut } from "../FilterChain.js"
import type { ResultOf } from "../RequestHandler.js"

/** What requests for pictures at a steady rate have in common. */
export interface PicturesRequest {
  /** Where the pictures go, one behind the other. */
  readonly path: string
  /** Pictures a second: the n-th is that of `n / rate` seconds after the start of the cut. */
  readonly rate: number
  readonly cut?: Cut | undefined
}

/** Carries out a request for pictures at a steady rate: one decode, and one small picture for each step of it. */
export interface PicturesHandler<Result> {
  readonly _tag: "Pictures"
  readonly request: PicturesRequest
  readonly codec: "mjpeg" | "rawvideo"
  /**
   * From the upright pictures of so many seconds to what is written, the same for both engines.
   *
   * @param still seconds of them for which the last one stands though no decoder says so
   */
  readonly filters: (seconds: number, still: number) => string
  readonly answer: ResultOf<Result>
}

/**
 * One picture for each step of the rate: the one that is shown at that time. Rounding up takes the last that begins by then; FFmpeg's
 * usual rounding would take one of half a step later.
 */
export const exact = (rate: number, seconds: number, still: number): string => {
  const pictures = Math.max(1, Math.ceil((seconds - EXACT) * rate))
  const standing = still === 0 ? "" : `,tpad=stop_mode=clone:stop=${Math.ceil(still * rate) + 1},trim=end_frame=${pictures}`
  return `fps=fps=${rate}:start_time=0:round=up${standing}`
}

/** Seconds by which lengths are rounded. */
const EXACT = 0.002

/**
 * One picture for each step of the rate, the last of those that are nearest to it, so that a change is found half a step too early as
 * often as too late. A video that is shorter than half a step has one.
 */
export const steady = (rate: number, seconds: number): string =>
  `fps=fps=${rate}:start_time=0${seconds * rate < 0.5 ? ":eof_action=pass" : ""}`
