import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** Sample statistics over the whole input. */
export interface Levels extends SoundRequest {
  readonly _tag: "Levels"
}

export interface LevelsResult {
  /** dBFS; above 0 where float samples pass full scale, absent for digital silence. */
  readonly peak?: number | undefined
  /** dBFS */
  readonly rms?: number | undefined
  /** Samples in runs of two or more at the full scale of the format; float has none. */
  readonly clippedSamples: number
  /** Samples that are no finite numbers; the other figures leave them out. */
  readonly invalidSamples: number
}

export const levels = (_: Levels): SoundHandler<LevelsResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Levels" }] },
  answer: {
    _tag: "FromMeasured",
    result: ({ values: { clippedSamples = 0, invalidSamples = 0, peak, rms } }) => ({ peak, rms, clippedSamples, invalidSamples })
  }
})
