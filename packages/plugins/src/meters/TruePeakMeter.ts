import type { Kernels, Pointer } from "./Kernels.js"
import { decibels, finite, hundredth, type MakeMeter } from "./Meter.js"
import { BLOCK, HISTORY } from "./Pcm.js"

/** Samples on either side that a value between two samples is made from; the kernel knows it too. */
const REACH = HISTORY / 2
/** Shape of the Kaiser window over them: its side lobes lie 80 dB down. */
const BETA = 8
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

/** What the kernel looks between samples with. */
interface Interpolation {
  readonly taps: Pointer
  readonly isFine: boolean
  readonly curvature: number
}

/** `undefined` where samples are so many that their own peaks suffice. */
const interpolation = (sampleRate: number, kernels: Kernels): Interpolation | undefined => {
  const times = factor(sampleRate)
  if (times === 1) return undefined
  const [middle, quarter] = [interpolator(0.5), interpolator(0.25)]
  const across = (n: number) => quarter[2 * REACH - 1 - n] ?? 0
  const taps = kernels.table("interpolation", () =>
    Float32Array.from({ length: 3 * REACH }, (_, n) => {
      const tap = n % REACH
      // The quarters are each other's mirror image: sums and differences of the samples on either side serve both.
      return n < REACH
        ? (middle[tap] ?? 0)
        : n < 2 * REACH
          ? ((quarter[tap] ?? 0) + across(tap)) / 2
          : ((quarter[tap] ?? 0) - across(tap)) / 2
    })
  )
  return { taps, isFine: times > 2, curvature: Math.max(bend(middle, 0.5), times > 2 ? bend(quarter, 0.25) : 0) }
}

/** The highest level between the samples, dBTP, up to the last of them. */
export const truePeakMeter: MakeMeter = ({ sampleRate }, kernels) => {
  const between = interpolation(sampleRate, kernels)
  let peak = 0
  let lines: ReadonlyArray<Float32Array> = []
  const look = (line: Float32Array, count: number) => {
    if (between === undefined) return
    const { curvature, isFine, taps } = between
    peak = Math.max(peak, kernels.loops.between(line.byteOffset, count, taps, isFine, curvature, peak, SLACK))
    // A value between two samples is found when all that it rests on is here.
    line.copyWithin(0, count, count + HISTORY)
  }
  return {
    take: (block) => {
      if (lines.length === 0) lines = block.channels.map(({ at }) => kernels.floats(at - 4 * HISTORY, HISTORY + BLOCK))
      peak = Math.max(peak, block.peak)
      for (const line of lines) look(line, block.count)
    },
    finish: () => {
      const last = kernels.floats(kernels.reserve(8 * HISTORY), 2 * HISTORY)
      for (const line of lines) {
        last.fill(0, HISTORY).set(line.subarray(0, HISTORY))
        look(last, HISTORY)
      }
      return { values: finite({ truePeak: hundredth(decibels(peak)) }), rows: [] }
    }
  }
}
