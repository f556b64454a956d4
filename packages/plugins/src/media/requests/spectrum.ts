import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** Spectral centroid (Hz) over the file's own band and flatness (0 to 1), averaged over what sounds. */
export interface Spectrum extends SoundRequest {
  readonly _tag: "Spectrum"
  /** dBFS below which nothing decides. Default -50. */
  readonly threshold?: number | undefined
}

/** Absent where nothing reaches the threshold. */
export interface SpectrumResult {
  readonly centroid?: number | undefined
  readonly flatness?: number | undefined
}

export const spectrum = ({ threshold = -50 }: Spectrum): SoundHandler<SpectrumResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Spectrum", threshold }] },
  answer: { _tag: "FromMeasured", result: ({ values: { centroid, flatness } }) => ({ centroid, flatness }) }
})
