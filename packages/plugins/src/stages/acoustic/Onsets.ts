import { Effect } from "effect"
import { magnitudes } from "./Fourier.js"
import { inSlices } from "./Slices.js"

const FRAME = 512
const HOP = 256

/** How strongly something begins, over time. */
export interface Onsets {
  /** From 0; each the rise of the spectrum over its own surroundings. */
  readonly strength: Float64Array
  /** Values a second. */
  readonly rate: number
  /** The typical rise at a strong onset, as a share of the typical level: about 0 for a steady sound. */
  readonly contrast: number
}

const quantile = (values: Float64Array, share: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

/** Keeps what stands above the mean of the second around it, and softens it a little, so that unsteady beats still meet. */
const sharpened = (flux: Float64Array, rate: number): Float64Array => {
  const reach = Math.round(rate / 2)
  const sums = new Float64Array(flux.length + 1)
  for (let i = 0; i < flux.length; i++) sums[i + 1] = (sums[i] ?? 0) + (flux[i] ?? 0)
  const above = flux.map((value, i) => {
    const from = Math.max(0, i - reach)
    const to = Math.min(flux.length, i + reach + 1)
    return Math.max(0, value - ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from))
  })
  return above.map((value, i) => 0.5 * value + 0.25 * ((above[i - 1] ?? 0) + (above[i + 1] ?? 0)))
}

/** Spectral flux of mono samples: the sum of all rises of the logarithmic spectrum from one frame to the next. */
export const detect = (samples: Float32Array, sampleRate: number): Effect.Effect<Onsets> =>
  Effect.suspend(() => {
    const count = Math.max(0, Math.floor((samples.length - FRAME) / HOP) + 1)
    const rate = sampleRate / HOP
    const spectrum = magnitudes(FRAME)
    const bins = FRAME / 2
    const now = new Float32Array(bins)
    const before = new Float64Array(bins)
    const flux = new Float64Array(count)
    const level = new Float64Array(count)
    return inSlices(count, (i) => {
      spectrum(samples, i * HOP, now)
      let rise = 0
      let sum = 0
      for (let bin = 1; bin < bins; bin++) {
        const loud = Math.log1p(1000 * (now[bin] ?? 0))
        if (i > 0) rise += Math.max(0, loud - (before[bin] ?? 0))
        before[bin] = loud
        sum += loud
      }
      flux[i] = rise
      level[i] = sum
    }).pipe(
      Effect.map(() => {
        const typical = level.reduce((sum, value) => sum + value, 0) / Math.max(1, count)
        const strength = sharpened(flux, rate)
        return { strength, rate, contrast: typical === 0 ? 0 : quantile(strength, 0.98) / typical }
      })
    )
  })
