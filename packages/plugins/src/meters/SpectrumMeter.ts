import { magnitudes } from "./Fourier.js"
import { amplitude, finite, type MakeMeter } from "./Meter.js"

const WINDOW = 4096
/** Windows this much under the loudest (60 dB) don't sound. */
const SOUNDING = 0.001
/** Seconds from which one window in eight is looked at: it changes the figures by half a percent. */
const LONG = 60
const EIGHTH = 8
/** Hz up to which noise and tone are told apart, where the sound is not mostly above: encoders leave nothing higher up. */
const AUDIBLE = 12_000
/** What no logarithm is taken below: 140 dB under full scale. */
const LEAST = 1e-7
/** The lowest bins hold an offset, not a sound. */
const FIRST = 2

interface Window {
  readonly mean: number
  readonly centroid: number
  readonly flatness: number
}

/** A window's figures, from the power at each bin over all channels. */
const windowOf = (power: Float64Array, width: number): Window => {
  let sum = 0
  let moment = 0
  let audible = 0
  let logarithms = 0
  let all = 0
  const edge = Math.min(power.length, Math.ceil(AUDIBLE / width))
  for (let bin = FIRST; bin < power.length; bin++) {
    const magnitude = Math.sqrt(power[bin] ?? 0) + LEAST
    sum += magnitude
    moment += magnitude * bin
    all += Math.log(magnitude)
    if (bin < edge) {
      audible = sum
      logarithms = all
    }
  }
  const centroid = (moment / sum) * width
  const flat = (logarithm: number, total: number, bins: number) => Math.exp(logarithm / bins) / (total / bins)
  return {
    mean: sum / (power.length - FIRST),
    centroid,
    flatness: centroid > AUDIBLE ? flat(all, sum, power.length - FIRST) : flat(logarithms, audible, Math.max(1, edge - FIRST))
  }
}

/**
 * Spectral centroid (Hz) over the file's own band, and flatness (0 to 1), averaged over the windows that sound: those with a sample at
 * `threshold` (dBFS) or above, and within 60 dB of the loudest.
 */
export const spectrumMeter =
  ({ threshold }: { readonly threshold: number }): MakeMeter =>
  ({ channels, sampleRate, seconds }) => {
    const limit = amplitude(threshold)
    const stride = seconds > LONG ? EIGHTH : 1
    const transform = magnitudes(WINDOW)
    const lines = Array.from({ length: channels }, () => new Float32Array(WINDOW))
    const bins = new Float32Array(WINDOW / 2)
    const windows: Array<Window> = []
    let filled = 0
    let number = 0
    let peak = 0

    const look = () => {
      if (peak < limit) return
      const power = new Float64Array(WINDOW / 2)
      for (const line of lines) {
        transform(line, 0, bins)
        for (let bin = 0; bin < bins.length; bin++)
          power[bin] = (power[bin] ?? 0) + ((bins[bin] ?? 0) * (bins[bin] ?? 0)) / channels
      }
      windows.push(windowOf(power, sampleRate / WINDOW))
    }
    return {
      take: (block) => {
        for (let from = 0; from < block.count;) {
          const to = Math.min(block.count, from + WINDOW - filled)
          if (number % stride === 0) {
            for (const [n, samples] of block.channels.entries()) lines[n]?.set(samples.subarray(from, to), filled)
            for (let i = from; i < to; i++) if ((block.peaks[i] ?? 0) > peak) peak = block.peaks[i] ?? 0
          }
          filled += to - from
          from = to
          if (filled === WINDOW) {
            if (number % stride === 0) look()
            number++
            filled = 0
            peak = 0
          }
        }
      },
      finish: () => {
        // What is too short for a window is one, with silence after it.
        if (windows.length === 0 && filled > 0 && number % stride === 0) {
          for (const line of lines) line.fill(0, filled)
          look()
        }
        const loudest = windows.reduce((most, { mean }) => (mean > most ? mean : most), 0)
        const sounding = windows.filter(({ mean }) => mean >= loudest * SOUNDING)
        const average = (of: (window: Window) => number) =>
          sounding.reduce((sum, window) => sum + of(window), 0) / sounding.length
        return {
          values: finite({
            centroid: Math.round(average(({ centroid }) => centroid)),
            flatness: Math.round(average(({ flatness }) => flatness) * 1e4) / 1e4
          }),
          rows: []
        }
      }
    }
  }
