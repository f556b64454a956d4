import type { Reading } from "./Outcome.js"

/** What `ebur128` says of a programme in which nothing passed its gate. */
const GATED = -70

/** LUFS, LU and dBTP as `ebur128` puts them, to one decimal. */
export const loudness = (integrated: number, range: number, truePeak: number | undefined): Reading => {
  const heard = Number.isFinite(integrated) && integrated > GATED
  const tenth = (value: number) => Math.round(value * 10) / 10
  return {
    _tag: "Loudness",
    ...(heard ? { integrated: tenth(integrated), range: tenth(range) } : {}),
    ...(truePeak !== undefined && Number.isFinite(truePeak) ? { truePeak: tenth(truePeak) } : {})
  }
}

/** One channel as `astats` puts it. */
export interface ChannelLevel {
  /** dBFS */
  readonly peak: number
  /** Above 0 when samples at the peak stand in a row. */
  readonly flatness: number
  /** Samples at the highest and the lowest value. */
  readonly count: number
}

/** A full-scale sample of 16 bits lies 0.0003 dB under that of 32. */
const FULL_SCALE = -0.001

/** dBFS to a hundredth. */
export const levels = (peak: number, rms: number, channels: ReadonlyArray<ChannelLevel>): Reading => {
  const hundredth = (value: number) => Math.round(value * 100) / 100 + 0
  const clipped = channels.filter(({ flatness, peak }) => peak >= FULL_SCALE && flatness > 0)
  return {
    _tag: "Levels",
    ...(Number.isFinite(peak) ? { peak: hundredth(peak) } : {}),
    ...(Number.isFinite(rms) ? { rms: hundredth(rms) } : {}),
    clippedSamples: Math.round(clipped.reduce((sum, { count }) => sum + count, 0))
  }
}

/** One window of `aspectralstats`. */
export interface Window {
  /** Mean magnitude. */
  readonly mean: number
  /** Hz */
  readonly centroid: number
  readonly flatness: number
}

/** Windows this much under the loudest (60 dB) don't sound. */
const SOUNDING = 0.001

export const spectrum = (windows: ReadonlyArray<Window>): Reading => {
  const loudest = windows.reduce((most, { mean }) => (mean > most ? mean : most), 0)
  const sounding = windows.filter(
    ({ centroid, flatness, mean }) =>
      mean > 0 && mean >= loudest * SOUNDING && Number.isFinite(centroid) && Number.isFinite(flatness)
  )
  if (sounding.length === 0) return { _tag: "Spectrum" }
  const average = (of: (window: Window) => number) => sounding.reduce((sum, window) => sum + of(window), 0) / sounding.length
  return {
    _tag: "Spectrum",
    centroid: Math.round(average(({ centroid }) => centroid)),
    flatness: Math.round(average(({ flatness }) => flatness) * 1e4) / 1e4
  }
}

/** Starts and ends of silence in the order in which they were met. */
export const silences = (starts: ReadonlyArray<number>, ends: ReadonlyArray<number>): Reading => ({
  _tag: "Silences",
  spans: starts.map((start, n) => {
    const end = ends[n]
    return end === undefined ? { start: Math.max(0, start) } : { start: Math.max(0, start), end }
  })
})
