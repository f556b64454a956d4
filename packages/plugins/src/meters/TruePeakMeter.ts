import { decibels, finite, hundredth, type MakeMeter } from "./Meter.js"

/** Samples on either side that a value between two samples is made from. */
const REACH = 12
/** Shape of the Kaiser window over them: its side lobes lie 80 dB down. */
const BETA = 8
/** Samples that are passed over, or looked between, at once. */
const STRETCH = 32
/** A peak that is missed by less than a hundredth of a dB is none. */
const SLACK = 10 ** (0.01 / 20)

/** The modified Bessel function of the first kind, order 0. */
const bessel = (x: number): number => {
  let sum = 1
  let term = 1
  for (let k = 1; k < 40; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

/** Weights of the samples `-REACH + 1 … REACH` for the value `place` (0 to 1) after sample 0; together 1. */
const interpolator = (place: number): Float64Array => {
  const taps = Float64Array.from({ length: 2 * REACH }, (_, n) => {
    const distance = n - REACH + 1 - place
    const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance)
    return sinc * (bessel(BETA * Math.sqrt(Math.max(0, 1 - (distance / REACH) ** 2))) / bessel(BETA))
  })
  const sum = taps.reduce((all, tap) => all + tap, 0)
  return taps.map((tap) => tap / sum)
}

/**
 * How far an interpolated value can pass the larger of its two neighbours, in units of the largest second difference around: what is
 * left of the weights after a straight line, summed up twice.
 */
const bend = (taps: Float64Array, place: number): number => {
  let first = 0
  let second = 0
  let all = 0
  for (const [n, tap] of taps.entries()) {
    const line = n === REACH - 1 ? 1 - place : n === REACH ? place : 0
    first += tap - line
    second += first
    all += Math.abs(second)
  }
  return all
}

/** Values looked for between two samples: up to at least 192 kHz (ITU-R BS.1770-4, Annex 2). */
const factor = (sampleRate: number): number => (sampleRate < 96_000 ? 4 : sampleRate < 192_000 ? 2 : 1)

/** One channel: what came last, and how far its peaks went. */
class Channel {
  readonly #line = new Float64Array(4096 + 2 * REACH)
  peak = 0

  constructor(
    readonly phases: ReadonlyArray<Float64Array>,
    readonly curvature: number
  ) {}

  /** The last `2 × REACH` samples, then these. A value between two samples is found when all that it rests on is here. */
  see(samples: Float32Array, count: number): void {
    const line = this.#line
    for (let i = 0; i < count; i++) line[2 * REACH + i] = samples[i] ?? 0
    for (let from = 0; from < count; from += STRETCH) this.#look(from, Math.min(count, from + STRETCH))
    line.copyWithin(0, count, count + 2 * REACH)
  }

  #look(from: number, to: number): void {
    const line = this.#line
    let high = 0
    let curve = 0
    for (let i = from; i < to + 2 * REACH; i++) {
      const value = line[i] ?? 0
      const magnitude = value < 0 ? -value : value
      if (magnitude > high) high = magnitude
      if (i > from) {
        const second = (line[i - 1] ?? 0) * 2 - value - (i > 1 ? (line[i - 2] ?? 0) : 0)
        const size = second < 0 ? -second : second
        if (size > curve) curve = size
      }
    }
    // The samples themselves are peaks, at the latest when they leave.
    let peak = this.peak
    for (let i = from + REACH; i < to + REACH; i++) {
      const value = line[i] ?? 0
      const magnitude = value < 0 ? -value : value
      if (magnitude > peak) peak = magnitude
    }
    if (high + this.curvature * curve > peak * SLACK)
      for (const taps of this.phases)
        for (let i = from; i < to; i++) {
          let value = 0
          for (let tap = 0; tap < 2 * REACH; tap++) value += (line[i + tap + 1] ?? 0) * (taps[tap] ?? 0)
          const magnitude = value < 0 ? -value : value
          if (magnitude > peak) peak = magnitude
        }
    this.peak = peak
  }
}

/** The highest level between the samples, dBTP, up to the last of them. */
export const truePeakMeter: MakeMeter = ({ channels, sampleRate }) => {
  const times = factor(sampleRate)
  const places = Array.from({ length: times - 1 }, (_, n) => (n + 1) / times)
  const phases = places.map(interpolator)
  const curvature = Math.max(0, ...phases.map((taps, n) => bend(taps, places[n] ?? 0)))
  const all = Array.from({ length: channels }, () => new Channel(phases, curvature))
  return {
    take: (block) => {
      for (const [number, samples] of block.channels.entries()) all[number]?.see(samples, block.count)
    },
    finish: () => {
      const silence = new Float32Array(2 * REACH)
      for (const channel of all) channel.see(silence, silence.length)
      return { values: finite({ truePeak: hundredth(decibels(Math.max(0, ...all.map(({ peak }) => peak)))) }), rows: [] }
    }
  }
}
