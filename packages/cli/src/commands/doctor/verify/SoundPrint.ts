import { Fourier } from "@mediaspool/plugins"

/** Hz of the samples that prints are made of. */
export const RATE = 8_000
const SIZE = 512
const HOP = 256
/** What lies above is lost in some copies. */
const BINS = Math.floor((3_400 * SIZE) / RATE)
/** Decibels below the loudest bin at which everything counts as silence: encoders do there what they like. */
const FLOOR = 50
/** A sound below this, of 1, is none. */
const SILENT = 0.002
/** Frames of 32 ms by which an encoder may shift a copy. */
const SHIFT = 4

/** What a recording sounds like: its spectrum over time, in decibels above the floor. */
export interface SoundPrint {
  readonly frames: number
  /** Frame after frame; empty for silence. */
  readonly levels: Float32Array
}

/** @param samples mono, at {@link RATE} */
export const of = (samples: Float32Array): SoundPrint => {
  const frames = Math.max(1, Math.floor((samples.length - SIZE) / HOP) + 1)
  const spectrum = Fourier.magnitudes(SIZE)
  const out = new Float32Array(SIZE / 2)
  const levels = new Float32Array(frames * BINS)
  let loudest = 0
  for (let frame = 0; frame < frames; frame++) {
    spectrum(samples, frame * HOP, out)
    for (let bin = 0; bin < BINS; bin++) {
      const value = out[bin] ?? 0
      levels[frame * BINS + bin] = value
      loudest = Math.max(loudest, value)
    }
  }
  if (loudest < SILENT) return { frames, levels: new Float32Array() }
  for (let n = 0; n < levels.length; n++)
    levels[n] = Math.max(0, FLOOR + 20 * Math.log10(Math.max(1e-9, (levels[n] ?? 0) / loudest)))
  return { frames, levels }
}

/** Pearson's correlation of two stretches of the same length. */
const correlation = (a: Float32Array, b: Float32Array): number => {
  const count = Math.min(a.length, b.length)
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0]
  for (let n = 0; n < count; n++) {
    const [x, y] = [a[n] ?? 0, b[n] ?? 0]
    sumA += x
    sumB += y
    squaresA += x * x
    squaresB += y * y
    products += x * y
  }
  const spread = Math.sqrt((squaresA - (sumA * sumA) / count) * (squaresB - (sumB * sumB) / count))
  return spread > 0 ? (products - (sumA * sumB) / count) / spread : 0
}

/** How alike two recordings are, from 0 to 1: a copy in another format has 0.9 and more, another recording rarely 0.6. */
export const likeness = (a: SoundPrint, b: SoundPrint): number => {
  if (a.levels.length === 0 || b.levels.length === 0) return a.levels.length === b.levels.length ? 1 : 0
  let best = 0
  for (let shift = -SHIFT; shift <= SHIFT; shift++) {
    const [first, second] = shift < 0 ? [a.levels, b.levels.subarray(-shift * BINS)] : [a.levels.subarray(shift * BINS), b.levels]
    best = Math.max(best, correlation(first, second))
  }
  return best
}
