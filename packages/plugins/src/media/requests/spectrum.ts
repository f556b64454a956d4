import { converted, finite, logged } from "../FilterChain.js"
import type { Measured, SoundHandler, SoundRequest } from "../RequestHandler.js"

/** Spectral centroid (Hz) and flatness (0 to 1) up to 12 kHz, averaged over the frames that sound. */
export interface Spectrum extends SoundRequest {
  readonly _tag: "Spectrum"
}

export interface SpectrumResult {
  readonly centroid?: number | undefined
  readonly flatness?: number | undefined
}

/** One window of `aspectralstats`. */
interface Window {
  /** Mean magnitude. */
  readonly mean: number
  /** Hz */
  readonly centroid: number
  readonly flatness: number
}

/** Windows this much under the loudest (60 dB) don't sound. */
const SOUNDING = 0.001

const measured = (windows: ReadonlyArray<Window>): Measured => {
  const loudest = windows.reduce((most, { mean }) => (mean > most ? mean : most), 0)
  const sounding = windows.filter(
    ({ centroid, flatness, mean }) =>
      mean > 0 && mean >= loudest * SOUNDING && Number.isFinite(centroid) && Number.isFinite(flatness)
  )
  const average = (of: (window: Window) => number) => sounding.reduce((sum, window) => sum + of(window), 0) / sounding.length
  return {
    values: finite({
      centroid: Math.round(average(({ centroid }) => centroid)),
      flatness: Math.round(average(({ flatness }) => flatness) * 1e4) / 1e4
    }),
    rows: []
  }
}

const keys = ["mean", "centroid", "flatness"].map((key) => `aspectralstats.1.${key}`)

export const spectrum = (_: Spectrum): SoundHandler<SpectrumResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  filters: (setting) =>
    [
      converted(Math.min(24_000, setting.sampleRate), { channel_layouts: "mono" }),
      "aspectralstats=win_size=4096:overlap=0",
      ...logged(keys, setting)
    ].join(","),
  end: {
    _tag: "Measurement",
    codec: "pcm_f32le",
    fromLog: ({ series }) => {
      const [means = [], centroids = [], flatnesses = []] = keys.map(series)
      return measured(means.map((mean, n) => ({ mean, centroid: centroids[n] ?? NaN, flatness: flatnesses[n] ?? NaN })))
    },
    fromFrames: () => {
      const windows: Array<Window> = []
      return {
        read: (value) => {
          const [mean = 0, centroid = NaN, flatness = NaN] = keys.map(value)
          windows.push({ mean, centroid, flatness })
        },
        finish: () => measured(windows)
      }
    }
  },
  answer: { _tag: "FromMeasured", result: ({ values: { centroid, flatness } }) => ({ centroid, flatness }) }
})
