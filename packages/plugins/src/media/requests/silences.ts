import { rounded } from "../FilterChain.js"
import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

export interface Silences extends SoundRequest {
  readonly _tag: "Silences"
  /** dBFS that no channel reaches. */
  readonly threshold: number
  readonly minimumSeconds: number
}

export type SilencesResult = ReadonlyArray<{ readonly startSeconds: number; readonly endSeconds: number }>

export const silences = ({ minimumSeconds, threshold }: Silences): SoundHandler<SilencesResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Silences", threshold, minimumSeconds }] },
  answer: {
    _tag: "FromMeasured",
    result: ({ rows }, { startSeconds }) =>
      rows.map(({ end = 0, start = 0 }) => ({
        startSeconds: rounded(startSeconds + start),
        endSeconds: rounded(startSeconds + end)
      }))
  }
})
