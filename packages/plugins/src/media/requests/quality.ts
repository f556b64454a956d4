import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** How well the sound is recorded. */
export interface Quality extends SoundRequest {
  readonly _tag: "Quality"
}

/** Absent is what can't be told of the sound. */
export interface QualityResult {
  /** dB of the sound over its steady noise. */
  readonly snr?: number | undefined
  /** Hz up to which there is sound. */
  readonly bandwidth?: number | undefined
  /** Hz of an edge where the spectrum ends at once. */
  readonly cutoff?: number | undefined
  /** dBFS of the mains' lines, and which mains: 50 or 60 Hz. */
  readonly hum?: number | undefined
  readonly mains?: number | undefined
  /** Mean of the samples, of full scale. */
  readonly offset: number
  /** dB of the first of two channels over the second, and their correlation, -1 to 1. */
  readonly balance?: number | undefined
  readonly correlation?: number | undefined
}

export const quality = (_: Quality): SoundHandler<QualityResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Quality" }] },
  answer: {
    _tag: "FromMeasured",
    result: ({ values: { balance, bandwidth, correlation, cutoff, hum, mains, offset = 0, snr } }) => ({
      snr,
      bandwidth,
      cutoff,
      hum,
      mains,
      offset,
      balance,
      correlation
    })
  }
})
