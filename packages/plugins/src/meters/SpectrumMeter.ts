import { fourier } from "./Fourier.js"
import { amplitude, finite, type MakeMeter } from "./Meter.js"
import { BLOCK, type PcmChannel } from "./Pcm.js"

/** Windows this much under the loudest (60 dB) don't sound. */
const SOUNDING = 0.001
/** Seconds from which one window in eight is looked at: it changes the figures by half a percent. */
const LONG = 60
const EIGHTH = 8
/** Hz up to which noise and tone are told apart, where the sound is not mostly above: encoders leave nothing higher up. */
const AUDIBLE = 12_000
/** What no logarithm is taken below: 140 dB under full scale. */
const LEAST = 1e-7
/** A window whose mean is below this holds rounding errors, or an offset alone. */
const NOTHING = 2 * LEAST
/** Magnitudes that are multiplied before their logarithm is taken. */
const PRODUCT = 32
/** The lowest bins hold an offset, not a sound. */
const FIRST = 2

interface Window {
  readonly mean: number
  readonly centroid: number
  readonly flatness: number
}

/** A window's figures, from the power at each bin over all channels. */
const windowOf = (power: Float32Array, width: number): Window => {
  let sum = 0
  let moment = 0
  let audible = 0
  let logarithms = 0
  let all = 0
  let product = 1
  const edge = Math.min(power.length, Math.ceil(AUDIBLE / width))
  for (let bin = FIRST; bin < power.length; bin++) {
    const magnitude = Math.sqrt(power[bin] ?? 0) + LEAST
    sum += magnitude
    moment += magnitude * bin
    product *= magnitude
    // One logarithm for many: a product of so few is a number that a double holds.
    if (bin % PRODUCT === 0 || bin === edge - 1 || bin === power.length - 1) {
      all += Math.log(product)
      product = 1
    }
    if (bin === edge - 1) {
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

/** A sound that is shorter than a window goes into its middle, faded in and out over its own length: its ends are no clicks. */
const centre = (samples: Float32Array, window: Float32Array): void => {
  const { length } = samples
  const start = (window.length - length) >> 1
  window.fill(0)
  for (const [i, sample] of samples.entries())
    window[start + i] = sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length))
}

/**
 * Spectral centroid (Hz) over the file's own band, and flatness (0 to 1), averaged over the windows that sound: those with a sample at
 * `threshold` (dBFS) or above, and within 60 dB of the loudest.
 */
export const spectrumMeter =
  ({ threshold }: { readonly threshold: number }): MakeMeter =>
  ({ sampleRate, seconds }, kernels) => {
    const limit = amplitude(threshold)
    const stride = seconds > LONG ? EIGHTH : 1
    const { input, powers, transform } = fourier(kernels, BLOCK)
    const windows: Array<Window> = []
    let rest: ReadonlyArray<Float32Array> = []
    let number = 0

    const note = () => windows.push(windowOf(powers, sampleRate / BLOCK))
    const look = (channels: ReadonlyArray<PcmChannel>) => {
      for (const [n, { at }] of channels.entries()) transform(at, 1 / channels.length, n > 0)
      note()
    }
    const lookAtRest = () => {
      for (const [n, samples] of rest.entries()) {
        centre(samples, input)
        transform(undefined, 1 / rest.length, n > 0)
      }
      note()
    }
    return {
      take: ({ channels, count, peak }) => {
        if (number++ % stride !== 0 || peak < limit) return
        if (count === BLOCK) look(channels)
        // Others still read the samples themselves.
        else if (windows.length === 0) rest = channels.map(({ samples }) => samples.slice(0, count))
      },
      finish: () => {
        // What is too short for a window is one, with silence around it.
        if (rest.length > 0) lookAtRest()
        const loudest = windows.reduce((most, { mean }) => (mean > most ? mean : most), 0)
        const sounding = windows.filter(({ mean }) => mean >= Math.max(NOTHING, loudest * SOUNDING))
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
