import { fourier } from "./Fourier.js"
import type { Kernels } from "./Kernels.js"

const FRAME = 512
const HOP = 256

/** Hz between which one band lies each: the bass drum, the body of a snare drum, and two for what hisses and clicks. */
const EDGES = [30, 120, 400, 2400, 5400]
/** What a beginning in each band counts: the hi-hat divides the beat and is not to be taken for it. */
const WEIGHTS = [1, 1, 0.15, 0.15]
/** A band this far (as a ratio) under the loudest counts less: what leaks into it begins nothing. */
const LEAST = 0.03

/** How strongly something begins, over time. */
export interface Onsets {
  /** From 0; each the rise of the bands' levels over their surroundings. */
  readonly strength: Float64Array
  /** Values a second. */
  readonly rate: number
  /** The typical rise at a strong onset, as a share of the typical level: about 0 for a steady sound. */
  readonly contrast: number
}

const quantile = (values: Float64Array, share: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.min(sorted.length - 1, Math.floor(share * (sorted.length - 1))))] ?? 0
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

/** Amplitude of each band, frame by frame. */
const bandLevels = (samples: Float32Array, sampleRate: number, count: number, kernels: Kernels): ReadonlyArray<Float64Array> => {
  const { input, powers, transform } = fourier(kernels, FRAME)
  const edges = EDGES.map((hertz) => Math.max(1, Math.min(FRAME / 2, Math.round((hertz * FRAME) / sampleRate))))
  const levels = WEIGHTS.map(() => new Float64Array(count))
  for (let i = 0; i < count; i++) {
    input.set(samples.subarray(i * HOP, i * HOP + FRAME))
    transform()
    for (const [band, level] of levels.entries()) {
      let power = 0
      for (let bin = edges[band] ?? 0; bin < (edges[band + 1] ?? 0); bin++) power += powers[bin] ?? 0
      level[i] = Math.sqrt(power)
    }
  }
  return levels
}

/**
 * Spectral flux of mono samples in four bands, each measured by its own loudest, so that a bass drum and a snare drum are beats alike:
 * all rises of the logarithmic levels from one frame to the next.
 */
export const detect = (samples: Float32Array, sampleRate: number, kernels: Kernels): Onsets => {
  const count = Math.max(0, Math.floor((samples.length - FRAME) / HOP) + 1)
  const rate = sampleRate / HOP
  const levels = bandLevels(samples, sampleRate, count, kernels)
  const references = levels.map((level) => quantile(level, 0.98))
  const loudest = Math.max(0, ...references)
  const flux = new Float64Array(count)
  let typical = 0
  for (const [band, level] of levels.entries()) {
    const weight = WEIGHTS[band] ?? 0
    const reference = Math.max(references[band] ?? 0, LEAST * loudest)
    if (reference === 0) continue
    let before = Infinity
    for (let i = 0; i < count; i++) {
      const loud = Math.log1p((level[i] ?? 0) / reference)
      if (loud > before) flux[i] = (flux[i] ?? 0) + weight * (loud - before)
      before = loud
      typical += (weight * loud) / count
    }
  }
  const strength = sharpened(flux, rate)
  return { strength, rate, contrast: typical === 0 ? 0 : quantile(strength, 0.98) / typical }
}
