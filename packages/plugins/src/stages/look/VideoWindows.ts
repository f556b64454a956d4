import { Schema } from "effect"
import type { Span } from "../listen/Windows.js"

/** A stretch of a video that is asked about on its own, with what there is in it. */
export const VideoWindow = Schema.Struct({
  startSeconds: Schema.NonNegative,
  endSeconds: Schema.NonNegative,
  /** Whether anything is to be seen. */
  isSeen: Schema.Boolean,
  /** Whether anything is to be heard. */
  isHeard: Schema.Boolean
})
export type VideoWindow = typeof VideoWindow.Type

/** How a video is cut into windows. */
export interface Planning {
  readonly durationSeconds: number
  readonly windowSeconds: number
  /** Scenes in order and without gaps. */
  readonly scenes: ReadonlyArray<Span & { readonly isBlack: boolean }>
  /** Where it is quiet; `undefined` for a video without sound. */
  readonly silences: ReadonlyArray<Span> | undefined
  /** `scene`: a window for each scene that lasts so long; `fewest`: as few windows as the length allows. */
  readonly by: { readonly _tag: "scene"; readonly leastSeconds: number } | { readonly _tag: "fewest" }
}

/** Less than this in a window is none, of sound and of pictures. */
const NOTICED = 0.1
/** Where no scene ends, cuts are looked for in the last part of a window. */
const EARLIEST = 0.6

const covered = (spans: ReadonlyArray<Span>, from: number, to: number): number =>
  spans.reduce(
    (sum, { endSeconds, startSeconds }) => sum + Math.max(0, Math.min(endSeconds, to) - Math.max(startSeconds, from)),
    0
  )

const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000

/** The end of the window that begins at `from`. */
const endOf = (from: number, { by, durationSeconds, scenes, windowSeconds }: Planning): number => {
  const cuts = scenes.map(({ startSeconds }) => startSeconds).filter((at) => at > from && at <= from + windowSeconds)
  if (by._tag === "scene") {
    const next = cuts.find((at) => at - from >= by.leastSeconds && durationSeconds - at >= by.leastSeconds)
    if (next !== undefined) return next
  }
  const left = durationSeconds - from
  if (left <= windowSeconds) return durationSeconds
  return cuts.findLast((at) => at - from >= EARLIEST * windowSeconds) ?? from + left / Math.ceil(left / windowSeconds)
}

/** Windows that cover the video from end to end without overlap, none longer than `windowSeconds`, cut where the picture changes. */
export const plan = (video: Planning): ReadonlyArray<VideoWindow> => {
  const black = video.scenes.filter(({ isBlack }) => isBlack)
  const windows: Array<VideoWindow> = []
  for (let from = 0; from < video.durationSeconds - 1e-3;) {
    // At least a step, so that the plan ends.
    const to = Math.max(from + 0.001, rounded(endOf(from, video)))
    windows.push({
      startSeconds: from,
      endSeconds: to,
      isSeen: to - from - covered(black, from, to) >= NOTICED,
      isHeard: video.silences !== undefined && to - from - covered(video.silences, from, to) >= NOTICED
    })
    from = to
  }
  return windows
}
